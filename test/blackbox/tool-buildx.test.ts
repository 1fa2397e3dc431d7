import { mkdir, mkdtemp, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PlimsollError } from '@plimsoll/core/runtime/errors';
import { type Run, run as realRun } from '@plimsoll/core/runtime/exec';
import { type Log, silentLog } from '@plimsoll/core/runtime/log';
import { openLayout } from '@plimsoll/core/oci/layout';
import { hexOf } from '@plimsoll/core/oci/digest';
import { parseManifest } from '@plimsoll/core/oci/manifest';
import { readBuildEvidence } from '@plimsoll/core/stages/build/build-evidence';
import { writeSboms } from '@plimsoll/core/stages/build/sbom-files';
import { type BuildxRequest, buildLayout } from '@plimsoll/core/tools/buildx';
import type { ToolPorts } from '@plimsoll/core/tools/tool-ports';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

let world: World;
let dir: string;
beforeAll(async () => {
  world = await startWorld({ parts: ['hub', 'buildkit'], tools: ['buildx'] });
});
afterAll(() => world.close());
beforeEach(async () => {
  dir = await mkdtemp(path.join(world.directory, 'buildx-test-'));
});

const ports = (over: Partial<ToolPorts> = {}): ToolPorts => ({
  toolbox: { get: async () => ({ name: 'buildx', version: '0.37.0', path: world.tools.buildx ?? '' }) },
  log: silentLog,
  env: { PATH: process.env['PATH'], HOME: world.directory, ...world.env },
  tempDir: dir,
  ...over,
});

async function request(dockerfile: string, over: Partial<BuildxRequest> = {}): Promise<BuildxRequest> {
  const context = path.join(dir, 'context');
  await mkdir(context, { recursive: true });
  await writeFile(path.join(context, 'Dockerfile'), dockerfile);
  await writeFile(path.join(context, 'hello.txt'), 'hello\n');
  return {
    context,
    file: path.join(context, 'Dockerfile'),
    platforms: ['linux/amd64', 'linux/arm64'],
    imageName: 'ghcr.io/acme/app:sha-1',
    sbomGenerator: await world.images.sbomGenerator(),
    destination: path.join(dir, 'layout'),
    ...over,
  };
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable('it did not fail'),
    (error: unknown) => error as PlimsollError & { place?: { line?: number } },
  );

const SMALL = 'FROM scratch\nARG GREETING\nCOPY hello.txt /\nLABEL greeting=$GREETING\n';

describe('buildLayout with a real BuildKit', { timeout: 120_000 }, () => {
  it('writes one root with a manifest and SLSA v1 provenance per platform', async () => {
    const annotations = [{ level: 'index' as const, key: 'org.example.a', value: 'x,y=z' }];
    const more = { annotations, buildArgs: { GREETING: 'a,b "c"' }, labels: { l: 'm=n' } };
    const built = await buildLayout(await request(SMALL, more), ports());
    const layout = await openLayout(path.join(dir, 'layout'));
    expect(layout.root.digest).toBe(built.digest);
    const index = parseManifest(await layout.manifest(built.digest));
    if (index.kind !== 'index') throw new Error('not an index');
    expect(index.annotations).toMatchObject({ 'org.example.a': 'x,y=z' });
    expect(index.manifests.map(({ platform }) => `${platform?.os}/${platform?.architecture}`)).toEqual([
      'linux/amd64',
      'linux/arm64',
      'unknown/unknown',
      'unknown/unknown',
    ]);
    expect(await predicates(layout, index.manifests[2]?.digest ?? '')).toEqual([
      'https://slsa.dev/provenance/v1',
      'https://spdx.dev/Document',
    ]);
    const sboms = await writeSboms(await readBuildEvidence(layout), 'ghcr.io/acme/app', path.join(dir, 'sboms'));
    expect(sboms.map(({ platform }) => platform)).toEqual(['linux/amd64', 'linux/arm64']);
    const [sbom] = sboms;
    expect(JSON.parse(await readFile(sbom?.spdx ?? '', 'utf8'))).toMatchObject({ SPDXID: 'SPDXRef-DOCUMENT' });
    expect(JSON.parse(await readFile(sbom?.cyclonedx ?? '', 'utf8'))).toMatchObject({
      metadata: { component: { name: 'ghcr.io/acme/app', version: index.manifests[0]?.digest } },
    });
    const image = parseManifest(await layout.manifest(index.manifests[0]?.digest ?? ''));
    if (image.kind !== 'image') throw new Error('not an image');
    const config = await readFile(path.join(dir, 'layout', 'blobs', 'sha256', hexOf(image.config.digest)), 'utf8');
    expect(JSON.parse(config)).toMatchObject({ config: { Labels: { greeting: 'a,b "c"', l: 'm=n' } } });
    expect(await readdir(dir)).not.toContainEqual(expect.stringMatching(/^plimsoll-/));
  });

  it('makes the same image again from the same files at another time', async () => {
    const digests: (string | undefined)[] = [];
    for (const minute of [1, 2]) {
      const destination = path.join(dir, `layout-${minute}`);
      const given = await request(SMALL, { destination, sourceDateEpoch: 1_795_168_805, platforms: ['linux/amd64'] });
      const touched = new Date(2026, 1, 1, 1, minute);
      await utimes(path.join(given.context, 'hello.txt'), touched, touched);
      const built = await buildLayout({ ...given, labels: { minute: 'any' } }, ports());
      const index = parseManifest(await (await openLayout(destination)).manifest(built.digest));
      digests.push(index.kind === 'index' ? index.manifests[0]?.digest : undefined);
    }
    expect(digests[0]).toBeDefined();
    expect(digests[1]).toBe(digests[0]);
  });

  it('mounts secrets that stand in no argument, log or layer', async () => {
    const base = await world.images.base();
    const secrets = [
      { id: 'one', value: 'hunter2-value' },
      { id: 'two', file: path.join(dir, 'two') },
    ];
    await writeFile(path.join(dir, 'two'), 'hunter2-file');
    const said: string[] = [];
    const run: Run = async (command, args, options) => {
      said.push(...args, ...Object.values(options.env));
      return realRun(command, args, options);
    };
    const mounts = '--mount=type=secret,id=one --mount=type=secret,id=two';
    const check = 'grep -qx h[u]nter2-value /run/secrets/one && grep -qx h[u]nter2-file /run/secrets/two';
    const steps = `FROM ${base} AS final\nRUN ${mounts} ${check}\nFROM absent.example/none\n`;
    const given = await request(steps, { platforms: ['linux/amd64'], target: 'final', secrets });
    const log: Log = { ...silentLog, info: (line) => void said.push(line) };
    const { digest } = await buildLayout(given, ports({ run, log }));
    const layout = await openLayout(path.join(dir, 'layout'));
    expect(layout.root.digest).toBe(digest);
    expect(said.join('\n')).toContain('--secret');
    expect(said.join('\n')).not.toContain('hunter2');
    for (const blob of await readdir(path.join(dir, 'layout', 'blobs', 'sha256'))) {
      expect(await readFile(path.join(dir, 'layout', 'blobs', 'sha256', blob), 'latin1')).not.toContain('hunter2');
    }
  });

  it('makes an image without attestations where they are switched off', async () => {
    const off = { platforms: ['linux/amd64'], provenance: 'off' as const, sbom: false };
    const { digest } = await buildLayout(await request(SMALL, off), ports());
    const root = parseManifest(await (await openLayout(path.join(dir, 'layout'))).manifest(digest));
    expect(root.kind).toBe('image');
  });

  it('tells what the checks say, and at which line', async () => {
    const off = { platforms: ['linux/amd64'], provenance: 'off' as const, sbom: false };
    const given = await request('FROM scratch\nCOPY hello.txt /\nMAINTAINER nobody\n', off);
    const { warnings } = await buildLayout(given, ports());
    expect(warnings).toEqual([
      { text: expect.stringContaining('MaintainerDeprecated'), place: { file: given.file, line: 3 } },
    ]);
  });

  it('names the line of the Dockerfile that failed', async () => {
    const error = await failure(buildLayout(await request('FROM scratch\n\nCOPY absent /\n'), ports()));
    expect(error).toMatchObject({ code: 'build-failed', place: { line: 3 } });
    expect(error.hint).toContain('.dockerignore');
  });

  it('names the line that does not parse', async () => {
    const error = await failure(buildLayout(await request('FROM scratch\nCOPPY a /\n'), ports()));
    expect(error).toMatchObject({ code: 'build-failed', place: { line: 2 } });
  });

  it('says when there is no such builder', async () => {
    const error = await failure(buildLayout(await request(SMALL, { builder: 'absent' }), ports()));
    expect(error).toMatchObject({ code: 'builder-missing' });
  });

  it('stops within the time that the runner gives', async () => {
    const base = await world.images.base();
    const controller = new AbortController();
    const log: Log = { ...silentLog, info: (line) => void (line.includes('sleeping') && controller.abort()) };
    const started = performance.now();
    const sleep = await request(`FROM ${base}\nRUN echo sleeping; sleep 300\n`, { platforms: ['linux/amd64'] });
    const error = await failure(buildLayout(sleep, ports({ signal: controller.signal, log })));
    expect(error).toMatchObject({ code: 'cancelled' });
    expect(performance.now() - started).toBeLessThan(60_000);
  });
});

async function predicates(layout: Awaited<ReturnType<typeof openLayout>>, digest: string): Promise<string[]> {
  const manifest = parseManifest(await layout.manifest(digest));
  if (manifest.kind !== 'image') throw new Error('not an attestation manifest');
  return manifest.layers.map((layer) => layer.annotations?.['in-toto.io/predicate-type'] ?? '').toSorted();
}
