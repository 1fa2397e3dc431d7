import { verdictsOf } from '@plimsoll/testkit/github/prune-oracle';
import { PruneScene } from '@plimsoll/testkit/github/prune-scene';
import { Random } from '@plimsoll/testkit/github/random';
import { fillAtRandom, randomRetention } from '@plimsoll/testkit/github/random-package';
import { expect, it } from 'vitest';

/** PLIMSOLL_PRUNE_SEEDS=5000 for a long run; a failing seed is named by the assertion. */
const SEEDS = Number(process.env['PLIMSOLL_PRUNE_SEEDS'] ?? 400);
const TIMEOUT = { timeout: 10_000 + SEEDS * 20 };

function randomScene(seed: number, size = 60): { scene: PruneScene; random: Random } {
  const random = new Random(seed);
  const scene = new PruneScene({ restoreTags: random.chance(0.5) });
  scene.planes.pageSize = 5 + random.below(40);
  fillAtRandom(scene, random, 5 + random.below(size));
  scene.retention = randomRetention(
    random,
    scene.state.list().map((one) => one.digest),
  );
  return { scene, random };
}

/** Everything below these that was there before is there now. */
function damage(scene: PruneScene, before: ReadonlyMap<string, readonly string[]>): string[] {
  return [...before]
    .filter(([digest, missing]) => scene.state.missingBelow(digest).some((one) => !missing.includes(one)))
    .map(([digest]) => digest);
}

function wholeness(scene: PruneScene, digests: Iterable<string>): Map<string, readonly string[]> {
  return new Map([...digests].map((digest) => [digest, scene.state.missingBelow(digest)]));
}

it('plans exactly what the policy dooms and nothing alive needs, and deletes exactly that', TIMEOUT, async () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { scene } = randomScene(seed);
    const { live, doomed } = verdictsOf(scene);
    const before = wholeness(scene, live);
    const { planned, deleted, refused, failure } = await scene.prune();
    expect([seed, planned.plan.delete.map((item) => item.digest).toSorted()]).toEqual([seed, [...doomed].toSorted()]);
    expect([seed, failure, damage(scene, before)]).toEqual([seed, undefined, []]);
    const left = new Set([...refused.map(({ item }) => item.digest), ...deleted.map((item) => item.digest)]);
    expect([seed, [...left].every((digest) => doomed.has(digest))]).toEqual([seed, true]);
    expect([seed, [...live].every((digest) => scene.alive(digest))]).toEqual([seed, true]);
  }
});

it('breaks no kept image whatever is pushed, tagged or deleted between any two requests', TIMEOUT, async () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { scene, random } = randomScene(seed);
    const planned = await scene.plan();
    const kept = planned.plan.keep.map((item) => item.digest);
    const before = wholeness(scene, kept);
    const used = new Map<string, readonly string[]>();
    let budget = 3;
    scene.planes.hook = (request) => {
      if (budget === 0 || request === 'restore' || request === 'put' || !random.chance(0.15)) return;
      budget -= 1;
      const live = scene.state.list().map((one) => one.digest);
      if (live.length === 0) return;
      if (random.chance(0.5)) scene.state.tag(`new-${seed}-${budget}`, random.pick(live));
      else
        scene.shapes.index(random.some(live, 3), {
          tags: random.chance(0.5) ? [`pushed-${budget}`] : [],
          note: `race ${budget}`,
        });
      for (const one of scene.state.list())
        if (!live.includes(one.digest)) used.set(one.digest, scene.state.missingBelow(one.digest));
    };
    const { failure } = await scene.apply(planned);
    scene.planes.hook = undefined;
    const codes = [undefined, 'prune-restored'];
    expect([seed, codes.includes((failure as { code?: string } | undefined)?.code)]).toEqual([seed, true]);
    expect([seed, damage(scene, before), damage(scene, used)]).toEqual([seed, [], []]);
  }
});

it('leaves orphans and never a broken image when it is killed at any request', TIMEOUT, async () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { scene, random } = randomScene(seed, 40);
    const { live } = verdictsOf(scene);
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
    const survivors = new Map([...whole].filter(([digest]) => scene.alive(digest)));
    expect([seed, damage(scene, survivors)]).toEqual([seed, []]);
    await scene.prune();
    expect([seed, [...live].every((digest) => scene.alive(digest))]).toEqual([seed, true]);
  }
});
