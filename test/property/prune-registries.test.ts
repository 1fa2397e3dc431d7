import { noCredentials } from '@plimsoll/core/oci/auth/credentials';
import type { Digest } from '@plimsoll/core/oci/digest';
import { Registries } from '@plimsoll/core/oci/registry/registries';
import { resolveRetention } from '@plimsoll/core/policy/retention';
import { silentLog } from '@plimsoll/core/runtime/log';
import { applyDeletions } from '@plimsoll/core/stages/prune/apply';
import { noJournal } from '@plimsoll/core/stages/prune/journal';
import { OciSource, registryContent } from '@plimsoll/core/stages/prune/oci-source';
import { makePlan } from '@plimsoll/core/stages/prune/planner';
import { registryManifests } from '@plimsoll/core/stages/prune/registry-manifests';
import { TaggedVersions } from '@plimsoll/core/stages/prune/tagged-versions';
import { Random } from '@plimsoll/testkit/github/random';
import { DatedImages } from '@plimsoll/testkit/registry/dated-image';
import { connect } from '@plimsoll/testkit/registry/fixtures';
import { type MemoryRegistry, startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { documentOf, type MemoryRepository } from '@plimsoll/testkit/registry/memory-store';
import { expect, it } from 'vitest';

const SEEDS = 60;
const NOW = Date.parse('2026-11-21T00:00:00Z');
const clock = { now: () => new Date(NOW), sleep: () => Promise.resolve() };
const policy = resolveRetention({ channels: [{ name: 'dev', match: ['dev-*'], keep: { last: 0 } }] }, 'acme/app');

interface Scene {
  readonly registry: MemoryRegistry;
  readonly stored: MemoryRepository;
  readonly random: Random;
  /** Pushes an index over platforms that are there, and tags it. */
  readonly push: (tag: string) => void;
}

/** Platforms shared between indexes, indexes of indexes, referrers of everything, and tags that stay or go. */
async function randomScene(seed: number): Promise<Scene> {
  const random = new Random(seed);
  const registry = await startMemoryRegistry();
  const images = new DatedImages(connect(registry).repository);
  const all: Digest[] = [];
  for (let at = 0; at < 6; at += 1)
    all.push(await images.single({ seed: `${at}`, ...(random.chance(0.7) && { created: new Date(NOW - at * 1e8) }) }));
  for (let at = 0; at < 8; at += 1) {
    const children = [random.pick(all), ...random.some(all, 2)];
    const tag = random.chance(0.5) ? [`dev-${at}`] : random.chance(0.6) ? [`v1.0.${at}`] : [];
    all.push(await images.over([...new Set(children)], [...tag, ...(random.chance(0.1) ? [`v2.0.${at}`] : [])]));
  }
  for (let at = 0; at < 5; at += 1) all.push(await images.single({ seed: `ref ${at}`, subject: random.pick(all) }));
  const stored = registry.repository('acme/app');
  const push = (tag: string) => {
    const { manifests, tags } = stored;
    const [digest] = [...manifests].find(([, one]) => (documentOf(one).manifests?.length ?? 0) > 0) ?? [];
    const manifest = manifests.get(digest ?? '');
    if (digest === undefined || manifest === undefined) return;
    tags.set(tag, digest);
  };
  return { registry, stored, random, push };
}

function portsOf(registry: MemoryRegistry) {
  const registries = new Registries({ credentials: noCredentials, clock });
  const name = { registry: registry.host, repository: 'acme/app' };
  const content = registryContent(registries, name);
  const versions = new TaggedVersions(new OciSource(registries, name), { content, now: clock.now });
  return { versions, manifests: registryManifests(registries, name), clock, log: silentLog, journal: noJournal };
}

async function prune({ registry }: Scene) {
  const ports = portsOf(registry);
  const planned = await makePlan({ package: `${registry.host}/acme/app`, policy }, ports);
  return { planned, ...(await applyDeletions(planned.plan.delete, planned, ports)) };
}

/** These and everything below them and hanging on them, at any depth. */
function closure({ manifests }: MemoryRepository, roots: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const next = [...roots];
  while (next.length > 0) {
    const digest = next.pop() ?? '';
    const manifest = manifests.get(digest);
    if (manifest === undefined || found.has(digest)) continue;
    found.add(digest);
    next.push(...(documentOf(manifest).manifests ?? []).map((child) => child.digest));
    next.push(...[...manifests].filter(([, one]) => documentOf(one).subject?.digest === digest).map(([key]) => key));
  }
  return found;
}

const rootsOf = ({ tags }: MemoryRepository, goes: boolean) =>
  [...tags].filter(([tag]) => tag.startsWith('dev-') === goes).map(([, digest]) => digest);

/** Tagged images with a part missing. */
function broken({ manifests, tags }: MemoryRepository): string[] {
  const whole = (digest: string): boolean => {
    const manifest = manifests.get(digest);
    return manifest !== undefined && (documentOf(manifest).manifests ?? []).every((child) => whole(child.digest));
  };
  return [...tags].filter(([, digest]) => !whole(digest)).map(([tag]) => tag);
}

it('deletes what only tags that go lead to, and nothing else', async () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const scene = await randomScene(seed);
    const kept = closure(scene.stored, rootsOf(scene.stored, false));
    const doomed = [...closure(scene.stored, rootsOf(scene.stored, true))].filter((digest) => !kept.has(digest));
    const before = new Set(scene.stored.manifests.keys());
    const { planned, failure } = await prune(scene);
    const planDigests = planned.plan.delete.map(({ digest }) => digest);
    expect([seed, failure, planDigests.toSorted()]).toEqual([seed, undefined, doomed.toSorted()]);
    const left = [...before].filter((digest) => !doomed.includes(digest)).toSorted();
    expect([seed, [...scene.stored.manifests.keys()].toSorted()]).toEqual([seed, left]);
    await scene.registry.stop();
  }
});

it('breaks no tagged image when it is cut off anywhere, and goes on in the next run', async () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const scene = await randomScene(seed);
    const roots = rootsOf(scene.stored, false);
    const kept = closure(scene.stored, roots);
    let left = scene.random.below(60);
    scene.registry.onRequest = () => ((left -= 1) < 0 ? { status: 403, body: '' } : undefined);
    await prune(scene).catch(() => undefined);
    expect([seed, broken(scene.stored)]).toEqual([seed, []]);
    scene.registry.onRequest = () => undefined;
    expect([seed, (await prune(scene)).failure]).toEqual([seed, undefined]);
    expect([seed, rootsOf(scene.stored, true).filter((digest) => !kept.has(digest))]).toEqual([seed, []]);
    expect([seed, [...kept].filter((digest) => !scene.stored.manifests.has(digest))]).toEqual([seed, []]);
    await scene.registry.stop();
  }
});

it('leaves every tag whole that is set before a deletion begins', async () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const scene = await randomScene(seed);
    let looks = 2 + scene.random.below(2);
    scene.registry.onRequest = ({ kind }) => {
      if (kind === 'tags' && (looks -= 1) === 0) scene.push('v9.9.9');
      return undefined;
    };
    await prune(scene);
    expect([seed, broken(scene.stored)]).toEqual([seed, []]);
    await scene.registry.stop();
  }
});
