import type { Digest } from '@plimsoll/core/oci/digest';
import type { ErrorCode } from '@plimsoll/core/runtime/error-codes';
import { isFailure, PlimsollError } from '@plimsoll/core/runtime/errors';
import type { PackageRequest } from './memory-package.ts';
import { verdictsOf } from './prune-oracle.ts';
import { PruneScene } from './prune-scene.ts';
import { Random } from './random.ts';
import { fillAtRandom, randomRetention } from './random-package.ts';

/** What one random case comes to: nothing when the property holds, else what does not. */
export type Property = (seed: number, size?: number) => Promise<string | undefined>;

interface RandomScene {
  readonly scene: PruneScene;
  readonly random: Random;
}

/** A random package with a random policy and random pins; the seed decides everything. */
export function randomScene(seed: number, size: number): RandomScene {
  const random = new Random(seed);
  const scene = new PruneScene({ restoreTags: random.chance(0.5) });
  scene.planes.pageSize = 5 + random.below(40);
  fillAtRandom(scene, random, 5 + random.below(size));
  const digests = scene.state.list().map((one) => one.digest);
  scene.retention = randomRetention(random, digests);
  if (random.chance(0.3)) {
    scene.pins = {
      digests: new Map(random.some(digests, 3).map((digest) => [digest as Digest, 'pin/digest'])),
      tags: new Map(random.some([...scene.state.tags.keys(), 'nowhere'], 2).map((tag) => [tag, 'pin/tag'])),
      notes: [],
    };
  }
  return { scene, random };
}

type Wholeness = ReadonlyMap<string, readonly string[]>;

export function wholeness(scene: PruneScene, digests: Iterable<string>): Wholeness {
  return new Map([...digests].map((digest) => [digest, scene.state.missingBelow(digest)]));
}

/** What lacks something that it did not lack before. */
export function damaged(scene: PruneScene, before: Wholeness): string | undefined {
  const found = [...before].find(([digest, missing]) =>
    scene.state.missingBelow(digest).some((one) => !missing.includes(one)),
  );
  return found && `${found[0]} lost a part`;
}

/** The plan is what the policy dooms and nothing alive needs, and exactly that is deleted. */
export const plansExactly: Property = async (seed, size = 60) => {
  const { scene } = randomScene(seed, size);
  const { live, doomed } = verdictsOf(scene);
  const before = wholeness(scene, live);
  const { planned, deleted, refused, failure } = await scene.prune();
  const wanted = [...doomed].toSorted().join();
  if (
    planned.plan.delete
      .map((item) => item.digest)
      .toSorted()
      .join() !== wanted
  )
    return 'another plan than the oracle';
  if (failure !== undefined) return `failed: ${failure.message}`;
  const touched = [...refused.map(({ item }) => item.digest), ...deleted.map((item) => item.digest)];
  if (touched.some((digest) => !doomed.has(digest))) return 'something outside of the plan was deleted';
  if ([...live].some((digest) => !scene.alive(digest))) return 'something alive was deleted';
  return damaged(scene, before);
};

/** Whatever is pushed or tagged between any two requests, nothing that is kept or new is broken. */
export const survivesRaces: Property = async (seed, size = 60) => {
  const { scene, random } = randomScene(seed, size);
  const planned = await scene.plan();
  const before = wholeness(
    scene,
    [...planned.plan.keep].map((item) => item.digest),
  );
  const used = new Map<string, readonly string[]>();
  const stale = new Set<string>();
  let budget = 3;
  scene.planes.hook = (request, argument) => {
    // A registry does not always have at once what was just pushed.
    if (request === 'manifest' && stale.delete(argument)) throw fault('registry-not-found');
    if (budget === 0 || request === 'restore' || request === 'put' || !random.chance(0.15)) return;
    budget -= 1;
    for (const digest of race(scene, random, `${seed}-${budget}`)) {
      used.set(digest, scene.state.missingBelow(digest));
      if (random.chance(0.3)) stale.add(digest);
    }
  };
  const { failure } = await scene.apply(planned);
  scene.planes.hook = undefined;
  if (failure !== undefined && !isFailure(failure, 'prune-restored', 'inventory-incomplete'))
    return `failed: ${failure.message}`;
  return damaged(scene, before) ?? damaged(scene, used);
};

/** Somebody tags a version, or pushes an index over some; the new digests. */
function race({ state, shapes }: PruneScene, random: Random, name: string): string[] {
  const live = state.list().map((one) => one.digest);
  if (live.length === 0) return [];
  if (random.chance(0.5)) state.tag(`new-${name}`, random.pick(live));
  else {
    const tags = random.chance(0.5) ? [`pushed-${name}`] : [];
    shapes.index(random.some(live, 3), { tags, note: `race ${name}` });
  }
  return state.list().flatMap((one) => (live.includes(one.digest) ? [] : [one.digest]));
}

/** Killed at any request, it leaves orphans and no broken image, and the next run goes on. */
export const survivesKills: Property = async (seed, size = 40) => {
  const { scene, random } = randomScene(seed, size);
  const { live, doomed } = verdictsOf(scene);
  const whole = wholeness(
    scene,
    scene.state.list().map((one) => one.digest),
  );
  const planned = await scene.plan();
  let left = random.below(40);
  scene.planes.hook = () => {
    left -= 1;
    if (left < 0) throw new Error('killed');
  };
  await scene.apply(planned);
  scene.planes.hook = undefined;
  const broken = damaged(scene, new Map([...whole].filter(([digest]) => scene.alive(digest))));
  if (broken !== undefined) return broken;
  const { refused, spared } = await scene.prune();
  if ([...live].some((digest) => !scene.alive(digest))) return 'something alive was deleted';
  const excused = new Set([...refused, ...spared].map(({ item }) => item.digest as string));
  const stays = [...doomed].find((digest) => scene.alive(digest) && !excused.has(digest));
  return stays === undefined ? undefined : `${stays} is still there after the second run`;
};

function fault(code: ErrorCode): PlimsollError {
  return new PlimsollError(code, 'injected', { hint: 'none' });
}

const FAULTS: ReadonlyMap<PackageRequest, PlimsollError> = new Map([
  ['info', fault('github-unreachable')],
  ['page', fault('github-unreachable')],
  ['version', fault('github-unreachable')],
  ['delete', fault('github-rate-limited')],
  ['tags', fault('registry-unavailable')],
  ['resolve', fault('registry-unavailable')],
  ['manifest', fault('registry-not-found')],
]);

/** Requests fail at random, and what fails is never taken for "nothing there". */
export const survivesFaults: Property = async (seed, size = 60) => {
  const { scene, random } = randomScene(seed, size);
  const { live } = verdictsOf(scene);
  const before = wholeness(scene, live);
  const rate = random.next() * 0.1;
  scene.planes.hook = (request) => {
    const failure = FAULTS.get(request);
    if (failure !== undefined && random.chance(rate)) throw failure;
  };
  try {
    await scene.prune();
  } catch (error) {
    if (!isFailure(error)) return `no typed error: ${String(error)}`;
  }
  scene.planes.hook = undefined;
  if ([...live].some((digest) => !scene.alive(digest))) return 'something alive was deleted';
  return damaged(scene, before);
};
