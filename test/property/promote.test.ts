import { startMemoryRegistry } from '@plimsoll/testkit/registry/memory-registry';
import { Promotion } from '@plimsoll/testkit/promote/promotion';
import { checkPromotion, directPromotion } from '@plimsoll/testkit/promote/property';
import { describe, expect, it } from 'vitest';

const DIRECT = 2_000;
const OVER_SOCKETS = 100;
const BATCH = 250;

describe('a promotion of a random image, whatever fails on the way, brings everything or leaves no tag', () => {
  const batches = Array.from({ length: DIRECT / BATCH }, (_none, at) => at * BATCH);

  it.each(batches)(`seeds %i and on, ${BATCH} of them, in process`, async (first) => {
    for (let seed = first; seed < first + BATCH; seed += 1)
      expect(await checkPromotion(seed, directPromotion(seed)), `seed ${seed}`).toBeUndefined();
  });

  it.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])('over sockets, source lists referrers: %s, destination: %s', async (from, to) => {
    for (let seed = 0; seed < OVER_SOCKETS / 4; seed += 1) {
      await using source = await startMemoryRegistry({ referrersApi: from });
      await using destination = await startMemoryRegistry({ referrersApi: to });
      const promotion = new Promotion(seed, {
        source: { registry: source, host: source.host, listed: from },
        destination: { registry: destination, host: destination.host, listed: to },
      });
      expect(await checkPromotion(seed, promotion), `seed ${seed}`).toBeUndefined();
    }
  });
});
