import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from '@plimsoll/core/runtime/exec';
import { silentLog } from '@plimsoll/core/runtime/log';
import { type Isolation, probeIsolation } from '@plimsoll/core/tools/isolation';
import { inPrivateDirectory } from '@plimsoll/core/tools/private-directory';
import { nodeForActions } from '@plimsoll/testkit/runner/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'isolation-'));
  chmodSync(dir, 0o777);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A directory with programs that shadow the system's. */
function shadow(programs: Readonly<Record<string, string>>): string {
  const bin = mkdtempSync(path.join(dir, 'bin-'));
  chmodSync(bin, 0o755);
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(path.join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return bin;
}

/** As on GitHub's Ubuntu runners: the namespace is made, but nothing may be done in it. */
const NO_USER_NAMESPACES =
  'for each in "$@"; do case $each in --user) echo "unshare: Operation not permitted" >&2; exit 1;; --) break;; esac; done\nexec /usr/bin/unshare "$@"';

function probe(bin: string): Promise<Isolation> {
  return probeIsolation({ env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` }, tempDir: dir, log: silentLog });
}

interface Inside {
  readonly script: string;
  readonly reads?: readonly string[];
  readonly signal?: AbortSignal;
}

function inside(isolation: Isolation, { script, reads = [], signal }: Inside) {
  return inPrivateDirectory(dir, async (workDir) => {
    const request = { program: '/bin/sh', args: ['-c', script], env: { A: 'b' }, workDir, reads };
    const { command, args, env, holdInput } = await isolation.wrap(request);
    return run(command, args, { env, holdInput, signal, name: 'probe', acceptExitCodes: [0, 126] });
  });
}

const root = process.getuid?.() === 0;
const RUNGS = [
  ['namespaces', {}],
  ['other-user', { unshare: NO_USER_NAMESPACES }],
] as const;

describe.skipIf(!root).each(RUNGS)('%s', (level, programs) => {
  let isolation: Isolation;
  beforeAll(async () => {
    isolation = await probe(shadow(programs));
  });

  it('is reached where it works', () => {
    expect(isolation.level).toBe(level);
  });

  it('hides the processes, the environment, the files and the network of the job', async () => {
    const { stdout } = await inside(isolation, {
      script: `cat /proc/[0-9]*/environ | tr '\\0' '\\n'; echo; ls -A /; grep -c : /proc/net/dev; id -G; grep CapEff /proc/self/status; echo "A=$A"`,
    });
    expect(stdout).not.toMatch(/VITEST|npm_/);
    expect(stdout).not.toMatch(/^(home|root|run|etc|var)$/m);
    expect(stdout).toContain('CapEff:\t0000000000000000');
    expect(stdout).toMatch(level === 'other-user' ? /^61917$/m : /^0/m);
    expect(stdout).toContain('A=b');
  });

  it('shows what is to be read, and lets nothing of it be written', async () => {
    const source = path.join(dir, `source-${level}`);
    mkdirSync(source);
    writeFileSync(path.join(source, 'file'), 'before');
    const script = `cat ${source}/file; echo after > ${source}/file || echo refused`;
    const { stdout } = await inside(isolation, { script, reads: [source] });
    expect(stdout).toBe('beforerefused\n');
    expect(readFileSync(path.join(source, 'file'), 'utf8')).toBe('before');
  });

  it('gives back what was written, and leaves nothing behind', async () => {
    const script = 'mkdir -m 700 out; echo deep > out/deep; chmod 600 out/deep';
    const written = await inPrivateDirectory(dir, async (workDir) => {
      const wrapped = await isolation.wrap({ program: '/bin/sh', args: ['-c', script], env: {}, workDir, reads: [] });
      await run(wrapped.command, wrapped.args, { ...wrapped });
      return readFileSync(path.join(workDir, 'out/deep'), 'utf8');
    });
    expect(written).toBe('deep\n');
  });

  it('ends when the run is cancelled', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 100);
    const ended = inside(isolation, { script: 'trap "" INT TERM; sleep 600', signal: controller.signal });
    await expect(ended).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe.skipIf(!root)('another user', () => {
  it('says so when it may not read what is to be scanned', async () => {
    const isolation = await probe(shadow({ unshare: NO_USER_NAMESPACES }));
    const source = mkdtempSync(path.join(dir, 'closed-'));
    chmodSync(source, 0o755);
    writeFileSync(path.join(source, '.npmrc'), '_authToken=x', { mode: 0o600 });
    const { exitCode, stderr } = await inside(isolation, { script: 'echo scanned', reads: [source] });
    expect(exitCode).toBe(126);
    expect(stderr).toContain(path.join(source, '.npmrc'));
  });
});

describe('without any of them', () => {
  it('is none', async () => {
    const no = 'exit 1';
    expect((await probe(shadow({ unshare: no, sudo: no }))).level).toBe('none');
  });
});

/** The whole ladder as a user without rights, who has no sudo either. */
describe.skipIf(!root)('a user without rights', () => {
  const level = async (bin: string) => {
    const script = `import { probeIsolation } from '@plimsoll/core/tools/isolation';
const log = { debug() {}, info() {}, warn() {} };
const { level } = await probeIsolation({ env: process.env, tempDir: ${JSON.stringify(dir)}, log });
console.log(process.getuid(), level);`;
    const drop = ['--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs', nodeForActions()];
    const { stdout } = await run('setpriv', [...drop, '--conditions=source', '--input-type=module', '-e', script], {
      env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` },
      cwd: path.resolve(import.meta.dirname, '..'),
    });
    return stdout.trim();
  };

  it('reaches namespaces', async () => {
    expect(await level(shadow({}))).toBe('65534 namespaces');
  });

  it('reaches nothing where they are forbidden and sudo asks for a password', async () => {
    const sudo = 'echo "sudo: a password is required" >&2; exit 1';
    expect(await level(shadow({ unshare: NO_USER_NAMESPACES, sudo }))).toBe('65534 none');
  });
});
