import { expect, it } from 'vitest';
import { PRUNE_PROPERTIES } from '../support/prune-properties.ts';

/** Small packages alone, so that what fails is told within seconds; a failing seed is named by the assertion. */
const SEEDS = 200;

it.each(PRUNE_PROPERTIES)(
  '%s',
  async (_what, property) => {
    for (let seed = 1; seed <= SEEDS; seed += 1) expect([seed, await property(seed)]).toEqual([seed, undefined]);
  },
  60_000,
);
