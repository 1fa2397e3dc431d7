import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { doomed, sceneWith } from '@plimsoll/testkit/github/prune-scene';
import { startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chainCredentials } from '../../oci/auth/credentials.ts';
import type { Digest } from '../../oci/digest.ts';
import { Registries } from '../../oci/registry/registries.ts';
import { pinsFromRegistries } from './pinned-elsewhere.ts';
import { pinsFromFiles } from './pinned-files.ts';
import { mergePins, NO_PINS, type Pins } from './pins.ts';

const PACKAGE = 'ghcr.io/acme/app';
let workspace: string;

beforeEach(async () => {
  workspace = await mkdtemp(path.join(tmpdir(), 'plimsoll-pins-'));
  await mkdir(path.join(workspace, 'deploy', 'prod'), { recursive: true });
});

afterEach(() => rm(workspace, { recursive: true }));

const write = (file: string, text: string) => writeFile(path.join(workspace, file), text);
const read = (...patterns: string[]) => pinsFromFiles({ patterns, workspace, package: PACKAGE });

describe('files', () => {
  it('H25 keeps what a manifest names, by tag and by digest, with everything below it', async () => {
    const at = sceneWith();
    const byTag = at.shapes.multiPlatform('a', { tags: ['dev-1'] });
    const byDigest = at.shapes.multiPlatform('b', { tags: ['dev-2'] });
    const free = at.shapes.multiPlatform('c', { tags: ['dev-3'] });
    at.wait(10);
    await write('deploy/prod/app.yaml', `image: ${PACKAGE}:dev-1\n`);
    await write('deploy/values.yml', `digest: ${byDigest.index}\n`);
    at.pins = await read('deploy/**/*.y*ml');
    const { plan } = await at.plan();
    expect(plan.delete.map((item) => item.digest).toSorted()).toEqual([free.index, ...free.children].toSorted());
    expect([...plan.keep].find((item) => item.digest === byTag.children[0])?.rule).toBe(
      'protect/file deploy/prod/app.yaml',
    );
    expect([...plan.keep].find((item) => item.digest === byDigest.index)?.rule).toBe('protect/file deploy/values.yml');
    expect(plan.notes.filter((note) => note.includes('protect'))).toEqual([]);
  });

  it('H24 keeps a child of an index that is pinned from elsewhere, and only that', async () => {
    const at = sceneWith();
    const old = at.shapes.multiPlatform('a', { tags: ['dev-1'] });
    at.wait(10);
    at.pins = { ...NO_PINS, digests: new Map([[old.children[1] as Digest, 'protect/file bundle.yaml']]) };
    expect(await doomed(at)).not.toContain(old.children[1]);
    expect(await doomed(at)).toHaveLength(4);
  });

  it('reports what is not in the package, what names nothing, and what nobody can resolve', async () => {
    const at = sceneWith();
    at.shapes.image('a', { tags: ['dev-1'] });
    at.wait(10);
    await write('deploy/a.yaml', `image: ${PACKAGE}:v9`);
    await write('deploy/b.yaml', 'image: nginx:1');
    await write('deploy/c.yaml', `image: ${PACKAGE}:\${VERSION}`);
    at.pins = await read('deploy/*.yaml');
    const notes = (await at.plan()).plan.notes.filter((note) => note.includes('protect'));
    expect(notes.toSorted()).toEqual([
      expect.stringMatching(/a\.yaml names v9, which is not in the package/),
      expect.stringMatching(/b\.yaml names no version/),
      expect.stringMatching(/c\.yaml names .* is a variable/),
    ]);
  });

  it('stop the run when there are none, for then it is unknown what is in use', async () => {
    await expect(read('deploy/*.yaml')).rejects.toMatchObject({ code: 'file-unreadable' });
    await expect(read('deploy')).rejects.toMatchObject({ code: 'file-unreadable' });
  });
});

it('asks for nothing when the policy dooms nothing', async () => {
  const at = sceneWith();
  at.shapes.image('a', { tags: ['v1'] });
  Object.defineProperty(at, 'pins', {
    get: () => {
      throw new Error('asked');
    },
  });
  expect((await at.plan()).plan.delete).toEqual([]);
});

it('tells the first of several reasons', () => {
  const pins = (rule: string): Pins => ({ ...NO_PINS, tags: new Map([['v1', rule]]) });
  expect(mergePins([pins('a'), pins('b')]).tags.get('v1')).toBe('a');
});

describe('protect-from', () => {
  it('keeps what is tagged in another registry, and stops when that cannot be asked', async () => {
    const at = sceneWith();
    const promoted = at.shapes.multiPlatform('a', { tags: ['dev-1'] });
    const other = at.shapes.multiPlatform('b', { tags: ['dev-2'] });
    at.wait(10);
    const quay = await startMemoryRegistry();
    const registries = new Registries({ credentials: chainCredentials() });
    const here = new Set(at.state.list().map(({ digest }) => digest as Digest));
    const name = `${quay.host}/org/app`;
    await expect(pinsFromRegistries([name], { registries, here })).rejects.toMatchObject({
      code: 'registry-not-found',
    });
    const manifest = await at.planes.manifest(promoted.index);
    quay.repository('org/app').manifests.set(promoted.index, manifest);
    quay.repository('org/app').tags.set('1.0.0', promoted.index);
    at.pins = await pinsFromRegistries([name], {
      registries: new Registries({ credentials: chainCredentials() }),
      here,
    });
    expect((await doomed(at)).toSorted()).toEqual([other.index, ...other.children].toSorted());
    await quay.stop();
  });

  it('H24 keeps what an index of another package names, at any depth, and reads none that is here', async () => {
    const at = sceneWith();
    const parts = ['a', 'b', 'c', 'd'].map((seed) => at.shapes.image(seed));
    const [inBundle, nested, free, shared] = parts as [string, string, string, string];
    const known = at.shapes.index([shared], { tags: ['v1.0.0'] });
    const elsewhere = sceneWith();
    const inner = elsewhere.shapes.index([nested]);
    const bundle = elsewhere.shapes.index([inner, inBundle], { tags: ['bundle'] });
    at.wait(10);
    await using other = await startMemoryRegistry();
    const store = other.repository('acme/bundle');
    for (const digest of [inner, bundle]) store.manifests.set(digest, await elsewhere.planes.manifest(digest));
    store.manifests.set(known, await at.planes.manifest(known));
    store.tags.set('bundle', bundle);
    store.tags.set('v1.0.0', known);
    const here = new Set(at.state.list().map(({ digest }) => digest as Digest));
    const registries = new Registries({ credentials: chainCredentials() });
    at.pins = await pinsFromRegistries([`${other.host}/acme/bundle`], { registries, here });
    expect(await doomed(at)).toEqual([free]);
    const asked = other.requests.filter(({ kind, method }) => kind === 'manifest' && method === 'GET');
    expect(asked.map(({ reference }) => reference).toSorted()).toEqual([inner, bundle].toSorted());
  });
});
