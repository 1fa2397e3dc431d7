import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PlimsollError } from '../runtime/errors.ts';
import { silentLog } from '../runtime/log.ts';
import { SBOM_GENERATOR_IMAGE } from './build-options.ts';
import { buildFailure } from './buildx-failure.ts';
import { type BuildxRequest, buildLayout, buildxArguments } from './buildx.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'buildx-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const request = (): BuildxRequest => ({
  context: '.',
  file: 'app/Dockerfile',
  platforms: ['linux/amd64', 'linux/arm64'],
  imageName: 'ghcr.io/acme/app:sha-1',
  destination: path.join(dir, 'layout'),
});

/** A program in place of buildx that notes how it was called and then runs `body`. */
async function standIn(body: string, env: NodeJS.ProcessEnv = {}) {
  const file = path.join(dir, 'buildx');
  const script = `#!/bin/sh\nprintf '%s\\n' "$@" > ${dir}/args\nenv > ${dir}/env\nwhile [ "$1" != --metadata-file ]; do shift; done\n${body}\n`;
  await writeFile(file, script, { mode: 0o755 });
  const toolbox = { get: async () => ({ name: 'buildx' as const, version: '0', path: file }) };
  return { toolbox, log: silentLog, env: { PATH: '/usr/bin:/bin', ...env }, tempDir: dir };
}

const digest = `sha256:${'a'.repeat(64)}`;
const succeed = `printf '{"containerimage.digest":"${digest}","buildx.build.ref":"b/n/1"}' > "$2"`;

describe('buildxArguments', () => {
  it('asks for a layout with provenance and SBOM under the immutable name', () => {
    const args = buildxArguments({ ...request(), destination: '/out' }, '/meta.json');
    expect(args).toEqual([
      'build',
      '--file',
      'app/Dockerfile',
      '--platform',
      'linux/amd64,linux/arm64',
      '--provenance=mode=max,version=v1',
      `--sbom=generator=${SBOM_GENERATOR_IMAGE}`,
      '--output',
      'type=oci,tar=false,dest=/out,name=ghcr.io/acme/app:sha-1',
      '--metadata-file',
      '/meta.json',
      '--progress=plain',
      '--',
      '.',
    ]);
  });

  it('passes the rest on as it is', () => {
    const args = buildxArguments(
      {
        ...request(),
        buildArgs: { A: '1', B: 'x,y' },
        labels: { l: 'a=b' },
        annotations: [{ level: 'index', key: 'k', value: 'v' }],
        buildContexts: { base: 'oci-layout://d@sha256:0' },
        sbomGenerator: 'hub/generator@sha256:1',
        target: 'final',
        builder: 'mine',
        cacheFrom: ['type=gha'],
        cacheTo: ['type=gha,mode=max'],
      },
      '/m',
    ).join(' ');
    for (const part of [
      '--build-arg A=1 --build-arg B=x,y',
      '--label l=a=b',
      '--annotation index:k=v',
      '--build-context base=oci-layout://d@sha256:0',
      '--sbom=generator=hub/generator@sha256:1',
      '--target final',
      '--builder mine',
      '--cache-from type=gha --cache-to type=gha,mode=max',
    ]) {
      expect(args).toContain(part);
    }
  });

  it('makes the SBOM with an image of a pinned digest, if at all', () => {
    expect(SBOM_GENERATOR_IMAGE).toMatch(/:\d+\.\d+\.\d+@sha256:[0-9a-f]{64}$/);
    expect(buildxArguments({ ...request(), sbom: false }, '/m')).toContain('--sbom=false');
  });

  it('keeps a path with a comma one field', () => {
    expect(buildxArguments({ ...request(), destination: '/a,b' }, '/m')).toContain(
      'type=oci,tar=false,"dest=/a,b",name=ghcr.io/acme/app:sha-1',
    );
  });
});

describe('buildLayout', () => {
  it('returns what was built and leaves nothing of its own', async () => {
    const ports = await standIn(succeed);
    expect(await buildLayout(request(), ports)).toMatchObject({ digest, buildRef: 'b/n/1' });
    expect((await readdir(dir)).toSorted()).toEqual(['args', 'buildx', 'env']);
  });

  it('shows buildx its allow-list and the epoch', async () => {
    const ports = await standIn(succeed, { GITHUB_TOKEN: 'x', DOCKER_CONFIG: '/d', SOURCE_DATE_EPOCH: '1' });
    await buildLayout({ ...request(), sourceDateEpoch: 1_700_000_000 }, ports);
    const seen = await readFile(path.join(dir, 'env'), 'utf8');
    expect(seen).toContain('DOCKER_CONFIG=/d\n');
    expect(seen).toContain('SOURCE_DATE_EPOCH=1700000000\n');
    expect(seen).not.toContain('GITHUB_TOKEN');
  });

  it('does not write into a layout that is already there', async () => {
    const ports = await standIn(succeed);
    await mkdir(request().destination);
    await writeFile(path.join(request().destination, 'index.json'), '{}');
    await expect(buildLayout(request(), ports)).rejects.toMatchObject({ code: 'input-conflict' });
    await expect(readFile(path.join(dir, 'args'))).rejects.toThrow('ENOENT');
  });

  it('does not take an end without a digest for a success', async () => {
    await expect(buildLayout(request(), await standIn('true'))).rejects.toMatchObject({ code: 'tool-output-invalid' });
    const other = await standIn(`printf '{"containerimage.digest":"latest"}' > "$2"`);
    await expect(buildLayout(request(), other)).rejects.toMatchObject({ code: 'tool-output-invalid' });
  });

  it('explains a failure', async () => {
    const ports = await standIn(
      `printf 'Dockerfile:7\\n--------------------\\nERROR: failed to build: failed to solve: x\\n' >&2; exit 1`,
    );
    const error = await buildLayout(request(), ports).catch((e: unknown) => e as PlimsollError);
    expect(error).toMatchObject({ code: 'build-failed', place: { file: 'app/Dockerfile', line: 7 } });
  });
});

/** Taken from buildx 0.37.0 with BuildKit 0.33.0. */
const SEEN: readonly (readonly [code: string, line: number | undefined, stderr: string])[] = [
  [
    'build-failed',
    3,
    `#5 [linux/amd64 2/2] COPY missing /x
#5 ERROR: failed to calculate checksum of ref x: "/missing": not found
------
 > [linux/amd64 2/2] COPY missing /x:
------
Dockerfile.bad1:3
--------------------
   1 |     FROM scratch
   3 | >>> COPY missing /x
--------------------
ERROR: failed to build: failed to solve: failed to compute cache key: failed to calculate checksum of ref x: "/missing": not found`,
  ],
  [
    'build-failed',
    2,
    `Dockerfile.bad2:2
--------------------
   2 | >>> COPPY file /file
--------------------
ERROR: failed to build: failed to solve: dockerfile parse error on line 2: unknown instruction: COPPY (did you mean COPY?)`,
  ],
  [
    'dockerfile-missing',
    undefined,
    'ERROR: failed to build: failed to solve: failed to read dockerfile: open Dockerfile.absent: no such file or directory',
  ],
  ['builder-missing', undefined, 'ERROR: no builder "absent" found'],
  [
    'builder-missing',
    undefined,
    'ERROR: failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct',
  ],
  [
    'builder-missing',
    undefined,
    '#1 [internal] waiting for connection\n#1 ERROR: context deadline exceeded\nERROR: failed to build: context deadline exceeded',
  ],
  [
    'builder-missing',
    undefined,
    'ERROR: failed to build: OCI exporter is not supported for the docker driver.\nSwitch',
  ],
  [
    'registry-rate-limited',
    1,
    `Dockerfile:1
--------------------
   1 | >>> FROM alpine:3.20
--------------------
ERROR: failed to build: failed to solve: alpine:3.20: failed to resolve source metadata for docker.io/library/alpine:3.20: unexpected status from HEAD request to https://registry-1.docker.io/v2/library/alpine/manifests/3.20: 429 Too Many Requests`,
  ],
  ['disk-full', undefined, 'ERROR: failed to build: failed to solve: write /x: no space left on device'],
  ...['429 Too Many Requests', 'docker daemon', 'no space left on device'].map(
    (text) =>
      [
        'build-failed',
        undefined,
        `ERROR: failed to build: failed to solve: process "/bin/sh -c echo \\"${text}\\" && false" did not complete successfully: exit code: 1`,
      ] as const,
  ),
];

const SOLVE = 'ERROR: failed to build: failed to solve: ';
const BASE = 'failed to resolve source metadata for';

/** The same; and of others' logs where a registry has to answer that is none of ours. */
const ADVICE: readonly (readonly [names: string, stderr: string])[] = [
  [
    'mirror.gcr.io',
    `${BASE} docker.io/library/alpine:3: unexpected status from HEAD request to https://registry-1.docker.io/v2/library/alpine/manifests/3: 429 Too Many Requests`,
  ],
  [
    'mirror.gcr.io',
    'docker:20.10: pulling from host registry-1.docker.io failed with status code [manifests 20.10]: 429 Too Many Requests',
  ],
  [
    'mirror.gcr.io',
    `${BASE} docker.io/library/alpine:3: failed to authorize: failed to fetch oauth token: unexpected status: 429 Too Many Requests`,
  ],
  [
    'Log in to ghcr.io',
    `failed to copy: httpReadSeeker: failed open: unexpected status from GET request to https://ghcr.io/v2/a/b/blobs/sha256:1: 429 Too Many Requests`,
  ],
  ['no such image or tag', `127.0.0.1:1/a/b:1: ${BASE} 127.0.0.1:1/a/b:1: 127.0.0.1:1/a/b:1: not found`],
  [
    'docker/login-action',
    `builder: ${BASE} docker.io/library/builder:latest: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
  ],
  [
    'docker/login-action',
    `${BASE} ghcr.io/a/b:1: failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token?scope=x: 401 Unauthorized`,
  ],
  [
    'does not reach',
    `${BASE} 127.0.0.1:1/a/b:1: failed to do request: Head "http://127.0.0.1:1/v2/a/b/manifests/1": dial tcp 127.0.0.1:1: connect: connection refused`,
  ],
  ['"secrets:', 'secret npm: not found'],
  ['"ssh:', 'unset ssh forward key default'],
  ['`target`', 'target stage "b" could not be found (did you mean a?)'],
  ['`allow`', 'failed to load LLB: network.host is not allowed'],
  ['.dockerignore', 'failed to calculate checksum of ref x: "/missing": not found'],
];

describe('buildFailure', () => {
  it.each(SEEN)('%s at line %s', (code, line, stderr) => {
    const error = buildFailure(stderr, 'app/Dockerfile');
    expect(error).toMatchObject({ code });
    expect((error as { place?: { line?: number } }).place?.line).toBe(line);
    expect(error.message).not.toContain('failed to solve');
  });

  it.each(ADVICE)('advises %s', (names, reason) => {
    expect(buildFailure(`${SOLVE}${reason}`, 'Dockerfile').hint).toContain(names);
  });

  it('speaks of Docker Hub where that refused, and else names who did', () => {
    const refused = (host: string) =>
      buildFailure(
        `${SOLVE}unexpected status from GET request to https://${host}/v2/a/blobs/b: 429 Too Many Requests`,
        '',
      );
    expect(refused('ghcr.io')).toMatchObject({
      code: 'registry-rate-limited',
      hint: expect.not.stringContaining('mirror'),
    });
    expect(refused('ghcr.io').message).toMatch(/^ghcr\.io refused/);
    expect(refused('notdocker.io').hint).not.toContain('mirror');
    expect(refused('auth.docker.io').hint).toContain('mirror');
  });

  it('knows a program of another processor by what it said', () => {
    const output = '------\n > [linux/arm64 2/2] RUN uname:\n0.1 exec /bin/sh: exec format error\n------\n';
    const failed = `${SOLVE}process "/bin/sh -c uname" did not complete successfully: exit code: 255`;
    expect(buildFailure(`${output}${failed}`, '').hint).toContain('QEMU');
    expect(buildFailure(failed, '').hint).not.toContain('QEMU');
  });
});
