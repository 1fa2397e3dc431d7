import { checkPromotion, directPromotion, violationOf } from '@plimsoll/testkit/promote/property';
import { FAULTS, faultAt } from '@plimsoll/testkit/promote/random-faults';
import { describe, expect, it } from 'vitest';

const SEEDS = 60;
/** Of the fault tables: an image with referrers at a source that does not list them, and one at a source that does. */
const TABLE_SEEDS = [11, 4];

describe('a promotion', () => {
  it(`brings all of ${SEEDS} random images, whatever fails on the way`, async () => {
    for (let seed = 0; seed < SEEDS; seed += 1)
      expect(await checkPromotion(seed, directPromotion(seed)), `seed ${seed}`).toBeUndefined();
  });

  describe.each(Object.entries(FAULTS))('met by %s', (_name, fault) => {
    it.each(['source', 'destination'] as const)(
      'at any one request to the %s, ends right or is refused',
      async (end) => {
        for (const seed of TABLE_SEEDS) {
          const clean = directPromotion(seed);
          await clean.run();
          const requests = clean[end].registry.requests.length;
          for (let at = 0; at < requests; at += 1) {
            const promotion = directPromotion(seed);
            promotion[end].registry.onRequest = faultAt(at, fault);
            const outcome = await promotion.run();
            expect(violationOf(promotion, outcome), `seed ${seed}, request ${at}: ${outcome}`).toBeUndefined();
          }
        }
      },
    );
  });
});
