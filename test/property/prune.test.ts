import { goesOnFromEarlier } from '@plimsoll/testkit/github/prune-earlier';
import { plansExactly, survivesFaults, survivesKills, survivesRaces } from '@plimsoll/testkit/github/prune-properties';
import { expect, it } from 'vitest';

const SEEDS = 5_000;
/** Every so many-th package has up to 300 versions. */
const LARGE = 25;

it.each([
  ['plans exactly what the policy dooms and nothing alive needs, and deletes exactly that', plansExactly],
  ['breaks nothing, whatever is pushed or tagged between any two requests', survivesRaces],
  ['leaves orphans and never a broken image when it is killed at any request', survivesKills],
  ['takes no failed request for "nothing there"', survivesFaults],
  ['goes on from an earlier list without a mistake', goesOnFromEarlier],
])('%s', async (_what, property) => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const size = seed % LARGE === 0 ? 295 : 40;
    expect([seed, await property(seed, size)]).toEqual([seed, undefined]);
  }
});
