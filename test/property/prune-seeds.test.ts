import { goesOnFromEarlier } from '@plimsoll/testkit/github/prune-earlier';
import { plansExactly, survivesFaults, survivesKills, survivesRaces } from '@plimsoll/testkit/github/prune-properties';
import { expect, it } from 'vitest';

/** Small packages alone, so that what fails is told within seconds; a failing seed is named by the assertion. */
const SEEDS = 200;

it.each([
  ['plans exactly what the policy dooms and nothing alive needs, and deletes exactly that', plansExactly],
  ['breaks nothing, whatever is pushed or tagged between any two requests', survivesRaces],
  ['leaves orphans and never a broken image when it is killed at any request', survivesKills],
  ['takes no failed request for "nothing there"', survivesFaults],
  ['goes on from an earlier list without a mistake', goesOnFromEarlier],
])(
  '%s',
  async (_what, property) => {
    for (let seed = 1; seed <= SEEDS; seed += 1) expect([seed, await property(seed)]).toEqual([seed, undefined]);
  },
  60_000,
);
