import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PlimsollError } from '../runtime/errors.ts';
import { runCredentialHelper } from './docker-credential.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'helper-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const ask = async (script: string, name = 'test') => {
  const file = path.join(dir, 'docker-credential-test');
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return runCredentialHelper(name, 'quay.io', { env: { PATH: `${dir}:/bin:/usr/bin` } });
};

describe('runCredentialHelper', () => {
  it('asks over standard input and reads the answer', async () => {
    const script = `read host; echo "{\\"ServerURL\\":\\"$host\\",\\"Username\\":\\"$1 $host\\",\\"Secret\\":\\"s\\"}"`;
    expect(await ask(script)).toEqual({ username: 'get quay.io', password: 's' });
  });

  it('takes "not found" for an answer', async () => {
    expect(await ask('echo credentials not found in native keychain; exit 1')).toBeUndefined();
  });

  it('refuses anything else without repeating what may be the secret', async () => {
    for (const script of ['echo s3cret; exit 1', 'echo s3cret; exit 2', 'echo s3cret', `echo '{"Secret":"s3cret"}'`]) {
      const error = await ask(script).catch((e: unknown) => e as PlimsollError);
      expect(error).toMatchObject({ code: 'credentials-invalid' });
      expect(`${(error as PlimsollError).message}${String((error as PlimsollError).cause)}`).not.toContain('s3cret');
    }
  });

  it('refuses a name that is a path and one that is not installed', async () => {
    await expect(ask('', '../../bin/sh')).rejects.toMatchObject({ code: 'credentials-invalid' });
    await expect(ask('', 'absent')).rejects.toMatchObject({ code: 'credentials-invalid' });
  });
});
