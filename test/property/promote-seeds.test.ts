import { checkPromotion, directPromotion, violationOf } from '@plimsoll/testkit/promote/property';
import { FAULTS, faultAt } from '@plimsoll/testkit/promote/random-faults';
import { describe, expect, it } from 'vitest';

const SEEDS = 60;
/** Of the fault tables: an image with referrers at a source that does not list them, and one at a source that does. */
const TABLE_SEEDS = [11, 4];

/** What a look at the root or a tag after the write is told, when it is told that it is not there. */
const UNPROVEN = ['promote-mismatch', 'tag-moved'];

/**
 * What a run ends with beside `done`. A fault that may pass is forgiven when it comes once, and has its code when it
 * stays; where one code is given, it is that of both.
 */
const CODES: Readonly<Record<string, { readonly once: readonly string[]; readonly stays: readonly string[] }>> = {
  '401': both('registry-unauthorized'),
  '403': both('registry-denied'),
  '404': both('registry-not-found', ...UNPROVEN),
  '404 for a repository': both('registry-not-found', ...UNPROVEN),
  '429': { once: [], stays: ['registry-rate-limited'] },
  '500': { once: [], stays: ['registry-unavailable'] },
  reset: { once: [], stays: ['registry-unreachable'] },
  truncated: { once: [], stays: ['registry-unreachable'] },
  // A made-up manifest is another one at a tag, no session for an upload, and a session for one that is not known.
  'wrong digest': both('digest-mismatch', 'tag-taken', 'tag-moved', 'registry-protocol', 'registry-not-found'),
  HTML: both('registry-protocol'),
};

function both(...codes: readonly string[]) {
  return { once: codes, stays: codes };
}

describe('a promotion', () => {
  it(`brings all of ${SEEDS} random images, whatever fails on the way`, async () => {
    for (let seed = 0; seed < SEEDS; seed += 1)
      expect(await checkPromotion(seed, directPromotion(seed)), `seed ${seed}`).toBeUndefined();
  });

  describe.each(Object.entries(FAULTS))('met by %s', (name, fault) => {
    it.each([
      ['source', 'once'],
      ['source', 'stays'],
      ['destination', 'once'],
      ['destination', 'stays'],
    ] as const)('at any one request to the %s, that %s, ends right or with its code', async (end, how) => {
      for (const seed of TABLE_SEEDS) {
        const clean = directPromotion(seed);
        await clean.run();
        const requests = clean[end].registry.requests.length;
        for (let at = 0; at < requests; at += 1) {
          const promotion = directPromotion(seed);
          promotion[end].registry.onRequest = faultAt(at, fault, how === 'stays');
          const outcome = await promotion.run();
          const where = `seed ${seed}, request ${at}: ${outcome}`;
          expect(violationOf(promotion, outcome), where).toBeUndefined();
          expect(['done', ...(CODES[name]?.[how] ?? [])], where).toContain(outcome);
        }
      }
    });
  });
});
