import { expect, it } from 'vitest';
import type { Run } from '../runtime/exec.ts';
import { readCompose, WITHHELD } from './compose.ts';

const FILE = '/w/compose.yml';
const NAMES = ['TAG', 'COSIGN_PASSWORD', 'PLAIN'];

/** A docker compose that refuses to say what is in the file, if it is told to. */
function compose(refuses = false) {
  const seen: Readonly<Record<string, string | undefined>>[] = [];
  const run: Run = (_program, args, { env }) => {
    seen.push({ ...env });
    const variables = args.includes('--variables');
    const stdout = variables ? JSON.stringify(Object.fromEntries(NAMES.map((name) => [name, {}]))) : '{}';
    const exitCode = refuses && args.includes('config') && !variables ? 1 : 0;
    return Promise.resolve({ exitCode, stdout, stderr: '', durationMs: 1, truncated: false });
  };
  const env = {
    TAG: 'main',
    COSIGN_PASSWORD: 'hunter2',
    PLAIN: 'a known secret',
    COMPOSE_EXPERIMENTAL_GIT_REMOTE: '1',
  };
  return { seen, ports: { env, run, isSecret: (text: string) => text.includes('known') } };
}

it('a compose file gets no secret, and is told that there is one', async () => {
  const { seen, ports } = compose();
  const found = await readCompose(FILE, ports);
  expect(found.withheld).toEqual(['COSIGN_PASSWORD', 'PLAIN']);
  expect(seen.at(-1)).toMatchObject({ TAG: 'main', COSIGN_PASSWORD: WITHHELD, PLAIN: WITHHELD });
  expect(JSON.stringify(seen)).not.toMatch(/hunter2|known/);
});

it('a compose file includes nothing from elsewhere', async () => {
  const { seen, ports } = compose();
  await readCompose(FILE, ports);
  for (const env of seen)
    expect(env).toMatchObject({ COMPOSE_EXPERIMENTAL_GIT_REMOTE: 'false', COMPOSE_EXPERIMENTAL_OCI_REMOTE: 'false' });
});

it('a compose file that is refused for want of a secret is told which it has not got', async () => {
  const hint = expect.stringContaining('COSIGN_PASSWORD, PLAIN') as string;
  const failure = expect.objectContaining({ code: 'compose-invalid', hint }) as Error;
  await expect(readCompose(FILE, compose(true).ports)).rejects.toThrow(failure);
});
