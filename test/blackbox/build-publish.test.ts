import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { FaultBoard } from '@plimsoll/testkit/faults/fault-board';
import { REGISTRY_FAULTS } from '@plimsoll/testkit/faults/registry-faults';
import { startReleaseProxy } from '@plimsoll/testkit/faults/release-proxy';
import { meddlingBuilder, replayingBuilder } from '@plimsoll/testkit/faults/stand-in-builder';
import { type WrittenLayout, writeImageLayout } from '@plimsoll/testkit/layout/image-layout';
import { leaksOf, secretForms } from '@plimsoll/testkit/runner/leaks';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let world: World;
let registry: FaultBoard;
let layout: WrittenLayout;
let builder: string;
let workspace: string;

beforeAll(async () => {
  world = await startWorld({ parts: ['ghcr'] });
  registry = new FaultBoard(world.ghcr.front);
  const image = { architecture: 'amd64', layers: [{ 'app/hello': 'hello' }] };
  layout = await writeImageLayout(world.lifetime.folder('made'), [image]);
  builder = replayingBuilder(world.lifetime.folder('builder'), layout);
  workspace = world.lifetime.folder('workspace');
  writeFileSync(path.join(workspace, 'Dockerfile'), 'FROM scratch\nCOPY app /app\n');
});
afterAll(() => world.close());

/** The build action with a builder that has the image ready, so that only the upload is new. */
function push(image: string, env: Readonly<Record<string, string>> = {}): Promise<ActionRun> {
  const inputs = { image, push: 'true' };
  return runAction({ action: 'build', world, inputs, env: { PLIMSOLL_TOOL_BUILDX: builder, ...env }, cwd: workspace });
}

/** The step failed with this code, published nothing, and told no secret. */
function expectUnpublished(step: ActionRun, code: string): void {
  expect(codeOf(step), step.log).toBe(code);
  expect(step.shown).toContain('hint: ');
  expect(step.outputs['pushed'] ?? 'false').toBe('false');
  expect(step.outputs['digest'] ?? '').toBe('');
  expect(leaksOf(step, secretForms(world.ghcr.username, world.token))).toEqual([]);
}

const at = (repository: string) => `${world.ghcr.host}/${repository}`;

describe('an upload', () => {
  it('goes up by digest, with no tag', async () => {
    const step = await push(at('acme/plain'));
    expect(codeOf(step), step.log).toBeUndefined();
    expect(step.outputs).toMatchObject({ pushed: 'true', digest: layout.digest });
    expect(registry.manifests('acme/plain')).toContain(layout.digest);
    expect(registry.tagWrites('acme/plain')).toEqual([]);
    expect(leaksOf(step, secretForms(world.ghcr.username, world.token))).toEqual([]);
  });

  it('waits as long as Retry-After says, and then goes on', async () => {
    let asked = 0;
    const since: number[] = [];
    registry.set('acme/patient', ({ method }) => {
      if (method !== 'POST') return undefined;
      since.push(performance.now());
      asked += 1;
      return asked === 1 ? { status: 429, body: {}, headers: { 'retry-after': '1' } } : undefined;
    });
    const step = await push(at('acme/patient'));
    expect(codeOf(step), step.log).toBeUndefined();
    expect((since.at(-1) ?? 0) - (since[0] ?? 0)).toBeGreaterThanOrEqual(1000);
  });

  it('sends the layers once when it is run again', async () => {
    await push(at('acme/twice'));
    const before = registry.writes('acme/twice').length;
    expect(codeOf(await push(at('acme/twice')))).toBeUndefined();
    expect(registry.writes('acme/twice')).toHaveLength(before);
  });
});

describe.concurrent('a registry that fails', () => {
  it.each(REGISTRY_FAULTS)('with $name is not pushed to', async ({ name, fault, code, retried }) => {
    const repository = `acme/at-once-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
    registry.set(repository, () => fault);
    expectUnpublished(await push(at(repository)), code);
    expect(registry.manifests(repository)).toEqual([]);
    expect(registry.tagWrites(repository)).toEqual([]);
    const [first] = registry.requests(repository);
    const same = registry.requests(repository).filter(({ path: asked }) => asked === first?.path);
    expect(same.length > 1).toBe(retried);
  });

  it.each(REGISTRY_FAULTS.filter(({ name }) => ['403', '500', 'a reset connection'].includes(name)))(
    'with $name at the last manifest is left without an image',
    async ({ name, fault, code }) => {
      const repository = `acme/at-last-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
      const root = `/manifests/${layout.digest}`;
      registry.set(repository, ({ method, path: asked }) =>
        method === 'PUT' && asked.endsWith(root) ? fault : undefined,
      );
      expectUnpublished(await push(at(repository)), code);
      expect(registry.manifests(repository)).not.toContain(layout.digest);
      expect(registry.tagWrites(repository)).toEqual([]);
    },
  );

  it('is named with host and port when nobody listens there', async () => {
    const step = await push('127.0.0.1:1/acme/app');
    expectUnpublished(step, 'registry-unreachable');
    expect(step.shown).toContain('127.0.0.1:1');
  });

  it('with wrong credentials is not pushed to', async () => {
    const login = `- { registry: "${world.ghcr.host}", username: octo, password: not-the-password }`;
    const inputs = { image: at('acme/stranger'), push: 'true', 'registry-auth': login };
    const env = { PLIMSOLL_TOOL_BUILDX: builder };
    const step = await runAction({ action: 'build', world, inputs, env, cwd: workspace });
    expectUnpublished(step, 'registry-denied');
    expect(leaksOf(step, secretForms('octo', 'not-the-password'))).toEqual([]);
    expect(registry.manifests('acme/stranger')).toEqual([]);
  });
});

describe('a layout that does not hold what it names', () => {
  const spoil = (name: string, script: string) =>
    meddlingBuilder(world.lifetime.folder('spoiled', name), { buildx: builder, script });

  it('is not published when a layer has other bytes of the same length', async () => {
    const layer = layout.content.blobs.find(({ mediaType }) => mediaType.includes('.layer.'));
    const file = `"$dest/blobs/sha256/${layer?.digest.slice('sha256:'.length)}"`;
    const script = `printf X | dd of=${file} bs=1 seek=$(($(wc -c < ${file}) - 1)) conv=notrunc 2>/dev/null`;
    const step = await push(at('acme/spoiled'), { PLIMSOLL_TOOL_BUILDX: spoil('layer', script) });
    expectUnpublished(step, 'digest-mismatch');
    expect(step.shown).toContain(layer?.digest);
    expect(registry.manifests('acme/spoiled')).not.toContain(layout.digest);
    expect(registry.tagWrites('acme/spoiled')).toEqual([]);
  });

  it('is not published when a manifest has other bytes', async () => {
    const file = `"$dest/blobs/sha256/${layout.platforms['amd64']?.slice('sha256:'.length)}"`;
    const step = await push(at('acme/manifest'), { PLIMSOLL_TOOL_BUILDX: spoil('manifest', `printf ' ' >> ${file}`) });
    expectUnpublished(step, 'digest-mismatch');
    expect(registry.writes('acme/manifest')).toEqual([]);
  });

  it('is not published when it has a second image', async () => {
    const other = JSON.stringify({ schemaVersion: 2, manifests: [root(), root()] });
    const script = `printf '%s' '${other}' > "$dest/index.json"`;
    expectUnpublished(await push(at('acme/two'), { PLIMSOLL_TOOL_BUILDX: spoil('two', script) }), 'layout-invalid');
    expect(registry.writes('acme/two')).toEqual([]);
  });

  const root = () => ({ mediaType: layout.content.root.mediaType, digest: layout.digest, size: 1 });
});

describe('a tool whose hash is wrong', () => {
  it('is deleted from the cache and from the download, and never run', async () => {
    const marker = path.join(world.lifetime.folder('poison'), 'ran');
    const poison = Buffer.from(`#!/bin/sh\n: > '${marker}'\n`);
    const proxy = await startReleaseProxy(world.lifetime, poison);
    const toolCache = world.lifetime.folder('tool-cache');
    const home = path.join(toolCache, 'plimsoll/buildx/0.37.0', `${process.platform}-${process.arch}`);
    const asset = path.join(world.lifetime.folder(path.relative(world.directory, home)), assetName());
    writeFileSync(asset, poison, { mode: 0o755 });
    const env = { PLIMSOLL_TOOL_BUILDX: '', RUNNER_TOOL_CACHE: toolCache, ...proxy.env };
    const step = await push(at('acme/poisoned'), env);
    expectUnpublished(step, 'tool-hash-mismatch');
    expect(step.annotations.find(({ level }) => level === 'warning')?.message).toContain('in the tool cache');
    const message = step.annotations.find(({ level }) => level === 'error')?.message ?? '';
    expect(message.match(/\b[0-9a-f]{64}\b/g)).toHaveLength(2);
    expect(proxy.requests).toEqual([expect.stringMatching(/^https:\/\/github\.com\/docker\/buildx\/releases\//)]);
    expect(readdirSync(home)).toEqual([]);
    expect(() => readFileSync(marker)).toThrow('ENOENT');
  });
});

function assetName(): string {
  return `buildx-v0.37.0.linux-${process.arch === 'x64' ? 'amd64' : 'arm64'}`;
}
