import { goesOnFromEarlier } from '@plimsoll/testkit/github/prune-earlier';
import { plansExactly, survivesFaults, survivesKills, survivesRaces } from '@plimsoll/testkit/github/prune-properties';

/** What a prune keeps to, whatever the package: what is promised, and what tries it with a seed. */
export const PRUNE_PROPERTIES = [
  ['plans exactly what the policy dooms and nothing alive needs, and deletes exactly that', plansExactly],
  ['breaks nothing, whatever is pushed or tagged between any two requests', survivesRaces],
  ['leaves orphans and never a broken image when it is killed at any request', survivesKills],
  ['takes no failed request for "nothing there"', survivesFaults],
  ['goes on from an earlier list without a mistake', goesOnFromEarlier],
] as const;
