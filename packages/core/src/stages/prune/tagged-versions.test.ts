import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatedImages } from '@plimsoll/testkit/registry/dated-image';
import { connect, errorBody } from '@plimsoll/testkit/registry/fixtures';
import { type MemoryRegistry, startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noCredentials } from '../../oci/auth/credentials.ts';
import type { Digest } from '../../oci/digest.ts';
import { Registries } from '../../oci/registry/registries.ts';
import { resolveRetention } from '../../policy/retention.ts';
import type { RetentionSection } from '../../policy/retention-section.ts';
import { silentLog } from '../../runtime/log.ts';
import { prune, type PruneResult } from '../prune.ts';
import { readJournal } from './journal.ts';
import { OciSource, registryContent } from './oci-source.ts';
import { registryManifests } from './registry-manifests.ts';
import { TaggedVersions } from './tagged-versions.ts';
import { undoRun } from './undo-run.ts';

const NOW = Date.parse('2026-11-21T00:00:00Z');
const clock = { now: () => new Date(NOW), sleep: () => Promise.resolve() };
const daysAgo = (days: number) => new Date(NOW - days * 86_400_000);
const DEV: RetentionSection = {
  channels: [{ name: 'dev', match: ['dev-*'], keep: { last: 1 } }],
  guards: { 'max-percent': 100 },
};

let registry: MemoryRegistry;
let images: DatedImages;
let folder: string;
beforeEach(async () => {
  registry = await startMemoryRegistry();
  images = new DatedImages(connect(registry).repository);
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-oci-'));
});
afterEach(async () => {
  await registry.stop();
  await rm(folder, { recursive: true });
});

function planes() {
  const registries = new Registries({ credentials: noCredentials, clock });
  const name = { registry: registry.host, repository: 'acme/app' };
  const content = registryContent(registries, name);
  const versions = new TaggedVersions(new OciSource(registries, name), { content, now: clock.now });
  return { versions, manifests: registryManifests(registries, name), clock, log: silentLog };
}

function run(mode: 'plan' | 'apply', section = DEV, pins?: Digest): Promise<PruneResult> {
  const file = (name: string) => path.join(folder, name);
  return prune(
    {
      package: `${registry.host}/acme/app`,
      policy: resolveRetention(section, 'acme/app'),
      mode,
      planFile: file('plan.json'),
      journalFile: file('journal.jsonl'),
      manifestsFile: file('manifests'),
      ...(pins && {
        pins: () => Promise.resolve({ digests: new Map([[pins, 'pinned']]), tags: new Map(), notes: [] }),
      }),
    },
    planes(),
  );
}

const here = (digests: readonly Digest[]) =>
  digests.filter((digest) => registry.repository('acme/app').manifests.has(digest));
const doomed = ({ deletions }: PruneResult) => deletions.map(({ digest }) => digest).toSorted();

/** A newer and an older image, each with a signature that only the referrers API shows. */
async function fleet() {
  await images.over([], ['plimsoll-prune']);
  const kept = await images.index({ seed: 'new', created: daysAgo(1), tags: ['dev-2'] });
  const old = await images.index({ seed: 'old', created: daysAgo(9), tags: ['dev-1', 'dev-one'] });
  const signature = await images.single({ seed: 'sig of new', subject: kept.index });
  const oldSignature = await images.single({ seed: 'sig of old', subject: old.index });
  const [part] = old.children;
  const partSignature = await images.single({ seed: 'sig of a part', ...(part && { subject: part }) });
  return {
    kept: [kept.index, ...kept.children, signature],
    gone: [old.index, ...old.children, oldSignature, partSignature].toSorted(),
    old,
  };
}

describe('a registry that lists only tags', () => {
  it('goes by the date in the configuration, and takes parts and referrers along', async () => {
    const { kept, gone } = await fleet();
    expect(doomed(await run('plan'))).toEqual(gone);
    const result = await run('apply');
    expect([result.applied?.failure, result.applied?.deleted.length]).toEqual([undefined, gone.length]);
    expect([here(gone), here(kept)]).toEqual([[], kept]);
    expect([...registry.repository('acme/app').tags.keys()].toSorted()).toEqual(['dev-2', 'plimsoll-prune']);
  });

  it('keeps parts that something kept shares, and what a pin on an untagged index needs', async () => {
    await images.over([], ['plimsoll-prune']);
    await images.single({ seed: 'newest', created: daysAgo(0.5), tags: ['dev-9'] });
    const old = await images.index({ seed: 'old', created: daysAgo(9), tags: ['dev-1'] });
    const [amd64, arm64, attestation] = old.children as [Digest, Digest, Digest];
    await images.over([amd64], ['v1']);
    const pinned = await images.over([arm64]);
    const result = await run('apply', DEV, pinned);
    expect(doomed(result)).toEqual([old.index, attestation].toSorted());
    expect(here([amd64, arm64, pinned])).toHaveLength(3);
  });

  it('lets no count take an image without a date, and says so; a rule without a count does', async () => {
    await images.over([], ['plimsoll-prune']);
    const undated = await images.single({ seed: 'undated', tags: ['dev-1'] });
    const dated = await images.single({ seed: 'dated', created: daysAgo(3), tags: ['dev-2'] });
    const older = await images.single({ seed: 'older', created: daysAgo(4), tags: ['dev-3'] });
    const first = await run('plan');
    expect([doomed(first), here([undated, dated]).length]).toEqual([[older], 2]);
    expect(first.plan.notes.some((note) => note.includes('org.opencontainers.image.created'))).toBe(true);
    const none = { ...DEV, channels: [{ name: 'dev', match: ['dev-*'], keep: { last: 0 } }] };
    expect(doomed(await run('plan', none))).toEqual([undated, dated, older].toSorted());
  });

  it('reads nothing twice over two runs', async () => {
    await fleet();
    const reads = () => registry.requests.filter(({ method, kind }) => method === 'GET' && kind !== 'tags').length;
    await run('plan');
    const cold = reads();
    const again = await run('plan');
    const referrers = registry.requests.slice(cold).filter(({ kind }) => kind === 'referrers').length;
    expect([again.manifestReads, reads() - cold <= referrers]).toEqual([0, true]);
  });

  it('spares what a tag was set on, or moved to, while it ran', async () => {
    const { old, gone } = await fleet();
    let tagLists = 0;
    registry.onRequest = ({ kind }) => {
      tagLists += kind === 'tags' ? 1 : 0;
      // The list, the look for new tags, and now the look before the batch.
      if (kind === 'tags' && tagLists === 3) registry.repository('acme/app').tags.set('dev-2', old.index);
      return undefined;
    };
    const result = await run('apply');
    expect(result.applied?.deleted).toEqual([]);
    expect(here(gone)).toHaveLength(gone.length);
  });

  it('says which setting to write where nothing can be deleted', async () => {
    const { gone } = await fleet();
    registry.onRequest = ({ method }) =>
      method === 'DELETE' ? { status: 405, body: errorBody('UNSUPPORTED') } : undefined;
    const { applied } = await run('apply');
    expect(applied?.failure).toMatchObject({
      code: 'registry-delete-disabled',
      hint: expect.stringContaining('storage'),
    });
    expect(here(gone)).toHaveLength(gone.length);
  });

  it('brings a run back from its journal, which has the manifests', async () => {
    const { gone } = await fleet();
    await run('apply');
    const { tags } = registry.repository('acme/app');
    const items = await readJournal(path.join(folder, 'journal.jsonl'), `${registry.host}/acme/app`);
    await run('plan');
    const journal = { record: () => Promise.resolve() };
    const undone = await undoRun(items, { ...planes(), journal });
    expect([undone.restored.length, undone.lost, here(gone).length]).toEqual([gone.length, [], gone.length]);
    expect([...tags.keys()].toSorted()).toEqual(['dev-1', 'dev-2', 'dev-one', 'plimsoll-prune']);
    expect(await readFile(path.join(folder, 'journal.jsonl'), 'utf8')).toContain('"manifest"');
  });

  it('shows the plan of a first run, and writes that down in the registry', async () => {
    const { gone } = await fleet();
    registry.repository('acme/app').tags.delete('plimsoll-prune');
    expect((await run('apply')).firstRun).toBe(true);
    expect(here(gone)).toHaveLength(gone.length);
    expect((await run('apply')).applied?.deleted).toHaveLength(gone.length);
  });
});
