import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PruneScene } from '@plimsoll/testkit/github/prune-scene';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Digest } from '../../oci/digest.ts';
import { resolveRetention } from '../../policy/retention.ts';
import { retentionSection } from '../../policy/retention-section.ts';
import { silentLog } from '../../runtime/log.ts';
import { prune } from '../prune.ts';
import { ManifestFile } from './manifest-file.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-manifests-'));
  file = path.join(folder, 'below', 'app');
});

afterEach(() => rm(folder, { recursive: true }));

function scene(): PruneScene {
  const at = new PruneScene();
  at.retention = { channels: [{ name: 'dev', match: ['dev-*'], keep: { last: 0 } }], guards: { 'max-percent': 100 } };
  for (let number = 0; number < 20; number += 1) at.shapes.multiPlatform(`${number}`, { tags: [`v1.0.${number}`] });
  at.shapes.multiPlatform('old', { tags: ['dev-1'] });
  at.wait(10);
  return at;
}

/** Manifests that the registry sent for one plan, and what that plan deletes. */
async function plan(at: PruneScene, mode: 'plan' | 'apply' = 'plan') {
  if (mode === 'apply') at.shapes.record();
  const request = {
    package: 'ghcr.io/acme/app',
    policy: resolveRetention(v.parse(retentionSection, at.retention), 'acme/app'),
    mode,
    planFile: path.join(folder, 'plan.json'),
    journalFile: path.join(folder, 'journal.jsonl'),
    manifestsFile: file,
  };
  const before = { reads: at.planes.count('manifest'), pages: at.planes.count('page') };
  let saves = 0;
  const keep = async () => void (saves += 1);
  const result = await prune(request, { versions: at.planes, manifests: at.planes, clock: at.clock, keep });
  return {
    reads: at.planes.count('manifest') - before.reads,
    pages: at.planes.count('page') - before.pages,
    saves,
    planned: result.deletions.length,
    applied: result.applied,
  };
}

/** Of all that were ever in the package, those that the file has. */
function kept({ state }: PruneScene): number {
  using cache = new ManifestFile(file, silentLog);
  return [...state.manifests.keys()].filter((digest) => cache.get(digest as Digest) !== undefined).length;
}

describe('manifests of earlier runs', () => {
  it('are not read again, and only what is new is', async () => {
    const at = scene();
    expect(await plan(at)).toMatchObject({ reads: 25, planned: 5 });
    expect(await plan(at)).toMatchObject({ reads: 0, planned: 5 });
    at.shapes.multiPlatform('new', { tags: ['v2.0.0'] });
    at.shapes.multiPlatform('newer', { tags: ['dev-2'] });
    at.wait(10);
    expect(await plan(at)).toMatchObject({ reads: 6, planned: 10 });
  });

  it('of versions that are gone are forgotten', async () => {
    const at = scene();
    await plan(at);
    expect(kept(at)).toBe(25);
    expect((await plan(at, 'apply')).applied?.deleted).toHaveLength(5);
    at.shapes.image('another', { tags: ['dev-9'] });
    at.wait(10);
    await plan(at);
    expect(kept(at)).toBe(22);
    expect(await readdir(path.dirname(file))).toEqual(['app']);
  });

  it('bring lost tags back when a run is undone', async () => {
    const at = new PruneScene({ restoreTags: false });
    at.retention = scene().retention;
    const { index, children } = at.shapes.multiPlatform('old', { tags: ['dev-1'] });
    at.shapes.image('kept', { tags: ['v1'] });
    at.wait(10);
    await plan(at);
    let deletes = 0;
    at.planes.hook = (request) => {
      deletes += request === 'delete' ? 1 : 0;
      if (request === 'delete' && deletes === 3) at.shapes.index(children.slice(2), { tags: ['v2'] });
    };
    const { applied } = await plan(at, 'apply');
    expect([(applied?.failure as { code?: string } | undefined)?.code, at.state.tags.get('dev-1')]).toEqual([
      'prune-restored',
      index,
    ]);
  });

  it.each([
    ['that is torn', (bytes: Buffer) => bytes.subarray(0, 2_000)],
    ['that is empty', () => Buffer.alloc(0)],
    ['that is nonsense', () => Buffer.from('nonsense')],
    ['of another form', () => Buffer.from('plimsoll manifests 9\n')],
    // An edge that is taken away would make a needed child look free.
    [
      'that was tampered with',
      (bytes: Buffer) => Buffer.from(bytes.toString().replaceAll('"manifests":[{', '"manifestx":[{')),
    ],
  ])('in a file %s cost reads and nothing else', async (_what, change) => {
    const at = scene();
    await plan(at);
    await writeFile(file, change(await readFile(file)));
    const { reads, planned } = await plan(at);
    expect([planned, reads > 15]).toEqual([5, true]);
    expect((await plan(at)).reads).toBe(0);
  });

  it('come with the list, by which a run that has nothing to do reads a page', async () => {
    const at = scene();
    at.planes.pageSize = 10;
    expect(await plan(at, 'apply')).toMatchObject({ pages: 12 + 2, saves: 1, applied: { deleted: { length: 5 } } });
    // The list in the file is that without what was to go, and it went.
    expect(await plan(at)).toMatchObject({ pages: 1, planned: 0, saves: 0 });
    at.shapes.multiPlatform('new', { tags: ['v2.0.0'] });
    expect(await plan(at)).toMatchObject({ pages: 2, planned: 0, saves: 1 });
    at.wait(6.9 - 1);
    expect((await plan(at)).pages).toBe(1);
    at.wait(1.2);
    expect(await plan(at)).toMatchObject({ pages: 12, saves: 1 });
    expect(await plan(at)).toMatchObject({ pages: 1, saves: 0 });
  });

  it('come with a list that nothing is deleted by when it was forged, or a run was cut short', async () => {
    const at = scene();
    at.planes.pageSize = 10;
    at.planes.hook = (request) => {
      if (request === 'delete') throw new Error('killed');
    };
    await plan(at, 'apply');
    at.planes.hook = undefined;
    expect(await plan(at)).toMatchObject({ planned: 5, pages: 2 + 12 });
    using cache = new ManifestFile(file, silentLog);
    const list = cache.inventory()?.toString() ?? '';
    for (const forged of ['', 'nonsense', list.replaceAll(' v1.0', ' dev-'), list.replace('acme/app', 'acme/other')]) {
      cache.keepInventory(Buffer.from(forged));
      cache.save(at.state.list().map((one) => ({ digest: one.digest as Digest })));
      expect(await plan(at)).toMatchObject({ planned: 5 });
    }
  });

  it('that cannot be kept do not fail a run', async () => {
    await writeFile(path.join(folder, 'below'), 'a file in the way');
    expect(await plan(scene())).toMatchObject({ reads: 25, planned: 5 });
  });

  it('prove nothing about a manifest that GitHub does not list', async () => {
    const at = scene();
    const inner = at.shapes.index([at.shapes.image('leaf')]);
    at.shapes.index([inner], { tags: ['v9.0.0'] });
    at.wait(10);
    await plan(at);
    at.state.delete(at.state.live(inner)?.id ?? 0);
    expect((await plan(at)).planned).toBe(6);
    expect(JSON.parse(await readFile(path.join(folder, 'plan.json'), 'utf8'))).toMatchObject({
      notes: [expect.stringContaining(inner)],
    });
  });
});
