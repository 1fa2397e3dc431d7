import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../oci/digest.ts';
import { silentLog } from '../runtime/log.ts';
import { scanImagePlatform, scanSource } from './trivy.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'trivy-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** A program in place of trivy that notes how it was called and then runs `body`; `$OUT` is the report to write. */
async function standIn(body: string, env: NodeJS.ProcessEnv = {}) {
  const file = path.join(dir, 'trivy');
  const note = `printf '%s\\n' "$@" > ${dir}/args; /usr/bin/env > ${dir}/env; /bin/pwd > ${dir}/cwd; /bin/ls -A > ${dir}/ls`;
  const find = `while [ "$1" ]; do [ "$1" = -o ] && OUT=$2; shift; done`;
  await writeFile(file, `#!/bin/sh\n${note}\n${find}\n${body}\n`, { mode: 0o755 });
  const toolbox = { get: async () => ({ name: 'trivy' as const, version: '0', path: file }) };
  return { toolbox, log: silentLog, env, tempDir: dir };
}
const noted = async (name: string) => (await readFile(path.join(dir, name), 'utf8')).trim();
const report = { SchemaVersion: 2, ArtifactName: 'x', Results: null, Metadata: { ImageID: 'sha256:1', Extra: 1 } };
const writeReport = `printf '%s' '${JSON.stringify(report)}' > "$OUT"`;

describe('scanImagePlatform', () => {
  const digest = digestOf(Buffer.from('platform'));

  it('points trivy at the platform, at nothing else, and lets it see nothing', async () => {
    const layoutDir = path.join(dir, 'lay@out:1');
    await mkdir(layoutDir);
    const ports = await standIn(writeReport, { GITHUB_TOKEN: 'x', TRIVY_SEVERITY: 'LOW', HOME: '/root', PATH: '/bin' });
    const run = await scanImagePlatform({ ...ports, layoutDir, digest, cacheDir: '/cache' });
    expect(run).toEqual({
      report: { SchemaVersion: 2, ArtifactName: 'x', Metadata: { ImageID: 'sha256:1' } },
      warnings: [],
    });
    const args = (await noted('args')).split('\n');
    expect(args).toEqual(expect.arrayContaining(['--input', `layout@${digest}`]));
    for (const flag of ['--offline-scan', '--skip-db-update', '--skip-java-db-update', '--skip-check-update']) {
      expect(args).toContain(flag);
    }
    expect(args.slice(args.indexOf('--config'), args.indexOf('--config') + 2)).toEqual(['--config', '/dev/null']);
    expect((await noted('ls')).split('\n')).toEqual(['cache', 'layout']);
    expect(await noted('env')).not.toMatch(/GITHUB_TOKEN|TRIVY_|HOME=\/root/);
    expect((await readdir(dir)).filter((name) => name.startsWith('plimsoll-'))).toEqual([]);
  });

  it('returns complaints, and not that the embedded checks are used', async () => {
    const lines = [
      String.raw`2026-11-21T09:17:38Z\tINFO\tDetected OS`,
      String.raw`2026-11-21T09:17:38Z\tERROR\t[misconfig] Falling back to embedded checks\terr="none"`,
      String.raw`2026-11-21T09:17:38Z\tWARN\tUnsupported os family="x"`,
    ];
    const ports = await standIn(`printf '${lines.join(String.raw`\n`)}\n' >&2; ${writeReport}`);
    const run = await scanImagePlatform({ ...ports, layoutDir: dir, digest, cacheDir: dir });
    expect(run.warnings).toEqual(['Unsupported os family="x"']);
  });

  it.each([
    ['tool-failed', 'echo "FATAL db" >&2; exit 1'],
    ['tool-output-invalid', 'true'],
    ['tool-output-invalid', 'echo usage > "$OUT"'],
    ['tool-output-invalid', `echo '{"SchemaVersion":3}' > "$OUT"`],
    ['disk-full', 'echo "write: no space left on device" >&2; exit 1'],
  ])('answers %s to: %s', async (code, body) => {
    const scan = scanImagePlatform({ ...(await standIn(body)), layoutDir: dir, digest, cacheDir: dir });
    await expect(scan).rejects.toMatchObject({ code });
  });
});

describe('scanSource', () => {
  it('scans the directory from a private one', async () => {
    const ports = await standIn(writeReport);
    await scanSource({ ...ports, directory: dir });
    const args = (await noted('args')).split('\n');
    expect(args).toEqual(expect.arrayContaining(['fs', '--scanners', 'secret,misconfig', dir]));
    expect(await noted('cwd')).not.toBe(dir);
    expect(await noted('ls')).toBe('');
  });
});
