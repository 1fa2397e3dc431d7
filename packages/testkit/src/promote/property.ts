import { Random } from '../github/random.ts';
import { directRegistry } from './direct-http.ts';
import { type Outcome, Promotion } from './promotion.ts';
import { randomFaults } from './random-faults.ts';

/** A promotion between two registries without sockets, of an image that the seed decides. */
export function directPromotion(seed: number): Promotion {
  const random = new Random(seed ^ 0x5eed);
  const [from, to] = [random.chance(0.5), random.chance(0.5)];
  return new Promotion(seed, {
    source: { registry: directRegistry({ referrersApi: from }), host: 'source.test', listed: from },
    destination: { registry: directRegistry({ referrersApi: to }), host: 'destination.test', listed: to },
  });
}

/** What went wrong with one seed; nothing when all holds. */
export interface Violation {
  readonly seed: number;
  readonly what: string;
  readonly missing: readonly string[];
}

/**
 * Promotes with faults at both ends until a run gets through, then once more without: a run that says it is done
 * has brought everything, a tag is there only on something complete, and a run without faults gets through.
 */
export async function checkPromotion(seed: number, promotion: Promotion): Promise<Violation | undefined> {
  const random = new Random(seed ^ 0xfa17);
  const { source, destination } = promotion;
  for (let run = 0; run < 3; run += 1) {
    source.registry.onRequest = randomFaults(random, random.pick([0, 0.02, 0.1]));
    destination.registry.onRequest = randomFaults(random, random.pick([0, 0.02, 0.1]));
    const outcome = await promotion.run();
    source.registry.onRequest = destination.registry.onRequest = () => undefined;
    const violation = violationOf(promotion, outcome);
    if (violation !== undefined) return { seed, what: `run ${run}: ${violation}`, missing: promotion.missing() };
  }
  const outcome = await promotion.run();
  const violation = outcome === 'done' ? violationOf(promotion, outcome) : `ended with ${outcome} without a fault`;
  return violation === undefined ? undefined : { seed, what: violation, missing: promotion.missing() };
}

/** What must hold after each run, whatever happened in it. */
export function violationOf(promotion: Promotion, outcome: Outcome): string | undefined {
  const complete = promotion.missing().length === 0;
  if (promotion.tagged && !complete) return `${outcome}, and the tag is on something incomplete`;
  if (outcome === 'done' && !complete) return 'done, and incomplete';
  return outcome === 'done' && !promotion.tagged ? 'done, and without its tag' : undefined;
}
