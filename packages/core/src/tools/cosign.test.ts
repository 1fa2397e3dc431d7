import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PlimsollError } from '../runtime/errors.ts';
import { silentLog } from '../runtime/log.ts';
import { attestStatement, writePublicTrustedRoot } from './cosign.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'cosign-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const statement = Buffer.from(JSON.stringify({ subject: [{ digest: { sha256: 'a'.repeat(64) } }] }));
const identityToken = 'eyJh.eyJz.c2ln';

/** A program in place of cosign that notes how it was called and then runs `body`; `$OUT` is the file to write. */
async function standIn(body: string, env: NodeJS.ProcessEnv = {}) {
  const file = path.join(dir, 'cosign');
  const note = `printf '%s\\n' "$@" > ${dir}/args; /usr/bin/env > ${dir}/env; echo "$HOME" >> ${dir}/homes`;
  const find = `while [ "$1" ]; do case "$1" in --bundle|--out) OUT=$2;; --statement) IN=$2;; esac; shift; done`;
  await writeFile(file, `#!/bin/sh\n${note}\n${find}\n${body}\n`, { mode: 0o755 });
  const toolbox = { get: async () => ({ name: 'cosign' as const, version: '0', path: file }) };
  return { toolbox, log: silentLog, env, tempDir: dir };
}
const noted = (name: string) => readFile(path.join(dir, name), 'utf8');

describe('attestStatement', () => {
  it('signs the very bytes and returns the bundle', async () => {
    const ports = await standIn('/bin/cat "$IN" > "$OUT"');
    expect(await attestStatement({ ...ports, statement, identityToken })).toEqual(statement);
  });

  it('gives the token by environment only, and nothing else that is secret', async () => {
    const env = { GITHUB_TOKEN: 'gh', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'oidc', HTTPS_PROXY: 'http://p', HOME: '/root' };
    const ports = await standIn('echo {} > "$OUT"', env);
    await attestStatement({ ...ports, statement, identityToken, signingConfig: '/sc.json', trustedRoot: '/tr.json' });
    expect(await noted('args')).not.toContain(identityToken);
    expect(await noted('args')).toContain('--signing-config\n/sc.json\n--trusted-root\n/tr.json\n');
    const seen = await noted('env');
    expect(seen).toContain(`SIGSTORE_ID_TOKEN=${identityToken}\n`);
    expect(seen).toContain('HTTPS_PROXY=http://p\n');
    expect(seen).not.toMatch(/GITHUB_TOKEN|REQUEST_TOKEN|HOME=\/root/);
  });

  it('has a home of its own in every process, and leaves none behind', async () => {
    const ports = await standIn('echo {} > "$OUT"');
    await Promise.all([1, 2, 3].map(() => attestStatement({ ...ports, statement, identityToken })));
    expect(new Set((await noted('homes')).trim().split('\n')).size).toBe(3);
    expect((await readdir(dir)).filter((name) => name.startsWith('plimsoll-'))).toEqual([]);
  });

  it('refuses an empty token before cosign would open a browser, and a statement about nothing', async () => {
    const ports = await standIn('echo {} > "$OUT"');
    await expect(attestStatement({ ...ports, statement, identityToken: '' })).rejects.toMatchObject({
      code: 'oidc-failed',
    });
    const aboutNothing = Buffer.from('{"subject":[]}');
    await expect(attestStatement({ ...ports, statement: aboutNothing, identityToken })).rejects.toMatchObject({
      code: 'sign-failed',
    });
    await expect(noted('args')).rejects.toThrow('ENOENT');
  });

  it.each([
    [
      'sign-failed',
      'creating bundle: error signing bundle: Post "http://127.0.0.1:1/api/v2/signingCert": connection refused',
    ],
    ['sign-failed', 'creating bundle: error signing bundle: adding rekor v2 entry: getting response: Post: refused'],
    ['oidc-failed', 'creating bundle: error signing bundle: unable to get subject from identity token'],
    [
      'trust-root',
      'error getting signing config from TUF: failed to load metadata: tuf refresh failed: Get: no such host',
    ],
    ['sign-failed', 'something new'],
  ])('answers %s to "%s"', async (code, line) => {
    const ports = await standIn(`echo "Error: ${line.replaceAll('"', '\\"')}" >&2; exit 1`);
    const error = await attestStatement({ ...ports, statement, identityToken }).catch(
      (e: unknown) => e as PlimsollError,
    );
    expect(error).toMatchObject({ code });
    expect(JSON.stringify(error)).not.toContain(identityToken);
  });

  it('hides the token when cosign repeats it', async () => {
    const ports = await standIn('echo "Error: bad token $SIGSTORE_ID_TOKEN" >&2; exit 1');
    const error = (await attestStatement({ ...ports, statement, identityToken }).catch(
      (e: unknown) => e,
    )) as PlimsollError;
    expect(`${error.message} ${String(error.cause)}`).not.toContain(identityToken);
  });
});

describe('writePublicTrustedRoot', () => {
  it('has cosign write it', async () => {
    const ports = await standIn('echo root > "$OUT"');
    await writePublicTrustedRoot(path.join(dir, 'root.json'), ports);
    expect(await noted('root.json')).toBe('root\n');
    expect(await noted('args')).toBe(`trusted-root\ncreate\n--with-default-services\n--out\n${dir}/root.json\n`);
  });
});
