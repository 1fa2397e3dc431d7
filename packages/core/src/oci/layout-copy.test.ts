import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Random } from '@plimsoll/testkit/github/random';
import { directRegistry } from '@plimsoll/testkit/promote/direct-http';
import { putRandomImage } from '@plimsoll/testkit/promote/random-image';
import { walkStore } from '@plimsoll/testkit/promote/store-walker';
import { QuickClock } from '@plimsoll/testkit/registry/fixtures';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noCredentials } from './auth/credentials.ts';
import { executeCopy } from './copy.ts';
import { planCopy } from './copy-plan.ts';
import { openLayout } from './layout.ts';
import { copyToLayout } from './layout-copy.ts';
import { Registries } from './registry/registries.ts';

const SEEDS = Array.from({ length: 20 }, (_none, seed) => seed);

let directory: string;

beforeEach(async () => {
  directory = path.join(await mkdtemp(path.join(tmpdir(), 'plimsoll-layout-')), 'layout');
});
afterEach(() => rm(path.dirname(directory), { recursive: true }));

/** A random image at a registry, which lists referrers or not. */
function origin(seed: number) {
  const listed = seed % 2 === 0;
  const registry = directRegistry({ referrersApi: listed });
  const { root } = putRandomImage(registry.repository('acme/app'), new Random(seed), listed);
  return { registry, root, found: walkStore(registry.repository('acme/app'), root.digest, listed) };
}

function open({ http }: ReturnType<typeof directRegistry>) {
  const registries = new Registries({ credentials: noCredentials, http, clock: new QuickClock() });
  return registries.repository({ registry: 'registry.test', repository: 'acme/app' }, 'push');
}

async function index(): Promise<{ manifests: { digest: string; annotations?: Record<string, string> }[] }> {
  return JSON.parse(await readFile(path.join(directory, 'index.json'), 'utf8'));
}

describe('a copy to a layout', () => {
  it.each(SEEDS)('and from there to another registry brings everything: seed %i', async (seed) => {
    const { registry, root, found } = origin(seed);
    await copyToLayout({ source: open(registry), root, directory, name: 'v1', referrers: true });
    const layout = await openLayout(directory);
    expect((await layout.resolve('v1'))?.digest).toBe(root.digest);
    const last = directRegistry({ referrersApi: seed % 3 === 0 });
    const target = open(last);
    const plan = await planCopy({ source: layout, target, root: layout.root, referrers: true });
    await executeCopy(plan, { source: layout, target });
    const there = walkStore(last.repository('acme/app'), root.digest, seed % 3 === 0);
    expect([...found].filter((part) => !there.has(part))).toEqual([]);
  });

  it('done again writes nothing, and stands beside another image', async () => {
    const [one, two] = [origin(1), origin(3)];
    for (const { registry, root } of [one, two])
      await copyToLayout({ source: open(registry), root, directory, name: root.digest.slice(7, 19), referrers: false });
    const before = await index();
    const names = before.manifests.map(({ annotations }) => annotations?.['org.opencontainers.image.ref.name']);
    expect(names).toEqual([one, two].map(({ root }) => root.digest.slice(7, 19)));
    const again = await copyToLayout({ source: open(one.registry), root: one.root, directory, referrers: false });
    expect([again.bytesMoved, await index()]).toEqual([0, before]);
  });

  it('without a name is found by its digest', async () => {
    const { registry, root } = origin(5);
    await copyToLayout({ source: open(registry), root, directory, referrers: false });
    expect((await openLayout(directory)).root).toEqual(root);
  });

  it('that breaks names nothing, and leaves no half file', async () => {
    const { registry, root } = origin(1);
    registry.onRequest = ({ kind }) => (kind === 'blob' ? { status: 200, body: 'x' } : undefined);
    const copying = copyToLayout({ source: open(registry), root, directory, name: 'v1', referrers: true });
    await expect(copying).rejects.toMatchObject({ code: 'digest-mismatch' });
    expect((await index()).manifests.map(({ annotations }) => Object.values(annotations ?? {})).flat()).not.toContain(
      'v1',
    );
    const files = await readdir(path.join(directory, 'blobs', 'sha256'));
    expect(files.filter((name) => !/^[0-9a-f]{64}$/.test(name))).toEqual([]);
  });

  it('does not write into a directory that has something else', async () => {
    await mkdir(directory, { recursive: true });
    await writeFile(path.join(directory, 'notes.txt'), 'mine');
    const { registry, root } = origin(1);
    const copying = copyToLayout({ source: open(registry), root, directory, referrers: true });
    await expect(copying).rejects.toMatchObject({ code: 'layout-invalid' });
    expect(await readdir(directory)).toEqual(['notes.txt']);
  });
});
