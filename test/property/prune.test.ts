import { expect, it } from 'vitest';
import { PRUNE_PROPERTIES } from '../support/prune-properties.ts';

const SEEDS = 5_000;
/** Every so many-th package has up to 300 versions. */
const LARGE = 25;

it.each(PRUNE_PROPERTIES)('%s', async (_what, property) => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const size = seed % LARGE === 0 ? 295 : 40;
    expect([seed, await property(seed, size)]).toEqual([seed, undefined]);
  }
});
