import { type CopyResult, executeCopy } from '../oci/copy.ts';
import { recordReferrer } from '../oci/promotion-record.ts';
import { attachReferrers } from '../oci/referrers.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { ByteMeter } from '../runtime/progress.ts';
import { settled } from '../runtime/settled.ts';
import type { Judge, LegResult, PlannedLeg, PromoteRequest } from './promote/leg.ts';
import { type ExplainAbsence, planLegs } from './promote/plan-legs.ts';
import { attachSummary, type SummarySigner } from './promote/summarise.ts';
import { tagTogether } from './promote/tag-together.ts';
import type { VerifyReport } from './verify.ts';

export interface PromotePorts {
  readonly judge: Judge;
  readonly log: Log;
  readonly progress?: ByteMeter;
  readonly clock?: Clock;
  /** Signs what was verified; absent when nobody asked for that. */
  readonly signer?: SummarySigner;
  readonly explainAbsence?: ExplainAbsence;
}

/**
 * Takes images with all their evidence to other repositories, or to other tags of their own: verify, plan, copy, verify
 * again, and only then write the tags, those of images that go together at once.
 *
 * Everything is planned before anything is written. After that destinations no longer depend on each other: one that
 * fails has its failure in the result, and leaves the others alone.
 *
 * @throws PlimsollError `registry-not-found` when a source has no such image, `tag-taken` before anything is copied,
 *   and what verification and the registries throw while planning
 */
export async function promote(request: PromoteRequest, ports: PromotePorts): Promise<readonly LegResult[]> {
  const planned = await planLegs(request, { clock: systemClock, ...ports });
  if (request.dryRun) return planned;
  const names = [...new Set(planned.map(({ leg }) => leg.group))];
  const groups = names.map((name) => planned.filter(({ leg }) => leg.group === name));
  const title = 'Copy the images and their evidence, verify at the destination, tag';
  const results = await ports.log.group(title, () => Promise.all(groups.map((legs) => promoteGroup(legs, ports))));
  return results.flat();
}

async function promoteGroup(legs: readonly PlannedLeg[], ports: PromotePorts): Promise<readonly LegResult[]> {
  try {
    const carried = await settled(legs.map((each) => carry(each, ports)));
    const images = carried.map(({ leg, plan }) => ({ repository: leg.destination, plan: plan.tags }));
    await tagTogether(images, ports.log);
    return carried.map((each) => ({ ...each, moved: each.plan.tags.moves }));
  } catch (failure) {
    return legs.map((each) => ({ ...each, failure }));
  }
}

/** Everything but the tags. */
async function carry(planned: PlannedLeg, ports: PromotePorts): Promise<PlannedLeg & Carried> {
  const { leg, plan } = planned;
  const copied = await executeCopy(plan.copy, {
    source: leg.source,
    target: leg.destination,
    proofFollows: plan.tags.moves.length > 0,
    ...(leg.mountFrom === undefined ? {} : { mountFrom: leg.mountFrom }),
    ...(ports.progress === undefined ? {} : { progress: ports.progress }),
  });
  const [atDestination] = await settled([
    ports.judge(leg.destination, plan.root.digest, 'destination'),
    attachRecord(planned),
  ]);
  const changed = copied.manifests > 0 || plan.tags.moves.some(({ action }) => action !== 'keep');
  const { signer, clock = systemClock, log } = ports;
  if (signer !== undefined && atDestination !== undefined && changed) {
    await attachSummary(planned, atDestination, { signer, clock, log });
  }
  return { ...planned, copied, ...(atDestination === undefined ? {} : { atDestination }) };
}

interface Carried {
  readonly copied: CopyResult;
  readonly atDestination?: VerifyReport;
}

/** Before the tag: a tag that moved without a record has lost what it pointed to. */
async function attachRecord({ leg, plan: { root, record } }: PlannedLeg): Promise<void> {
  if (record !== undefined) await attachReferrers(leg.destination, root, [recordReferrer(record)]);
}
