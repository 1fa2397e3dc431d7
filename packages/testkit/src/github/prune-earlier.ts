import { without } from '@plimsoll/core/stages/prune/saved-inventory';
import { verdictsOf } from './prune-oracle.ts';
import { damaged, type Property, randomScene, wholeness } from './prune-properties.ts';
import type { PruneScene } from './prune-scene.ts';
import type { Random } from './random.ts';

/**
 * After a run that knew the whole list, whatever happened since: what is deleted is exactly what the oracle says; and where
 * only pushes and deletions happened, nothing is overlooked either.
 */
export const goesOnFromEarlier: Property = async (seed, size = 60) => {
  const { scene, random } = randomScene(seed, size);
  scene.cache = new Map();
  const before = await scene.plan();
  scene.earlier = random.chance(0.5)
    ? before.inventory
    : without(before.inventory, (await scene.apply(before)).deleted);
  const hidden = meanwhile(scene, random, seed);
  const { live, doomed } = verdictsOf(scene);
  const whole = wholeness(scene, live);
  const { planned, failure } = await scene.prune();
  if (failure !== undefined) return `failed: ${failure.message}`;
  const found = planned.plan.delete.map((item) => item.digest as string);
  const exact = found.toSorted().join() === [...doomed].toSorted().join();
  if (!exact && !(hidden && found.length === 0)) return 'another plan than the oracle';
  return [...live].some((digest) => !scene.alive(digest)) ? 'something alive was deleted' : damaged(scene, whole);
};

/** Days of pushes, deletions, restored versions and moved tags; true when some of it leaves no trace on the newest pages. */
function meanwhile(scene: PruneScene, random: Random, seed: number): boolean {
  const { state, shapes } = scene;
  let hidden = false;
  for (let step = random.below(8); step > 0; step -= 1) {
    const live = state.list().map((one) => one.digest);
    const gone = state.deleted();
    const event = random.below(5);
    if (event === 0) shapes.multiPlatform(`${seed}-${step}`, { tags: [`v9.${step}`] });
    else if (event === 1)
      shapes.index(random.some(live, 3), { tags: [random.pick(['dev-1', 'latest'])], note: `${step}` });
    else if (event === 2 && live.length > 0) state.delete(state.live(random.pick(live))?.id ?? 0);
    else if (event === 3 && live.length > 0) state.tag(random.pick([...state.tags.keys(), 'fresh']), random.pick(live));
    else if (event === 4 && gone.length > 0) state.restore(random.pick(gone).id);
    hidden ||= event > 2;
    scene.wait(random.below(20) * 0.05);
  }
  return hidden;
}
