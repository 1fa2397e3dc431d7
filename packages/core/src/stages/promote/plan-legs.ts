import type { RuledTag } from '../../metadata/highest.ts';
import { planCopy } from '../../oci/copy-plan.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { descriptorOf } from '../../oci/manifest.ts';
import type { RecordedTarget } from '../../oci/promotion-record.ts';
import type { Repository } from '../../oci/registry/repository.ts';
import type { Clock } from '../../runtime/clock.ts';
import { isFailure, PlimsollError } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import { settled } from '../../runtime/settled.ts';
import { dueTags } from '../due-tags.ts';
import { lookAtTags, planTags, refuseTwoDigests, type TagPlan } from '../tags.ts';
import type { VerifyReport } from '../verify.ts';
import type { Judge, PlannedLeg, PromoteLeg, PromoteRequest } from './leg.ts';
import { promotionRecord, recordedTarget } from './record.ts';

export interface PlanPorts {
  readonly judge: Judge;
  readonly log: Log;
  readonly clock: Clock;
  /** Knows more about why a source has no such image; absent where nobody does. */
  readonly explainAbsence?: ExplainAbsence | undefined;
}

/** @returns `undefined` for what cannot be explained any better */
export type ExplainAbsence = (leg: PromoteLeg) => Promise<PlimsollError | undefined>;

interface Found {
  readonly leg: PromoteLeg;
  readonly root: Descriptor;
  readonly tags: TagPlan;
}

/**
 * Works out everything for all images and all destinations before anything is written at any of them: a tag that is
 * taken at the last stops the first.
 *
 * @throws PlimsollError `registry-not-found`, `commit-unbuilt`, `tag-taken`, and what verification and the registries throw
 */
export async function planLegs(request: PromoteRequest, ports: PlanPorts): Promise<readonly PlannedLeg[]> {
  const find = oncePerSource((leg) => findSource(leg.reference, leg.source).catch(explained(leg, ports)));
  const found = await settled(request.legs.map((leg) => findLeg(leg, request.tags, { find, log: ports.log })));
  refuseTwoDigests(found.map(({ leg, tags }) => ({ repository: leg.destination, plan: tags })));
  // Both only read, and mostly the same.
  const [reports, planned] = await settled([
    ports.log.group('Verify at the source', () => verifySources(found, ports)),
    settled(found.map((each) => planLeg(each, ports.log))),
  ]);
  return planned.map(({ target, ...leg }, index) => {
    const atSource = reports[index];
    const verified = atSource === undefined ? leg : { ...leg, atSource };
    return withRecord(verified, { target, planned, request, clock: ports.clock });
  });
}

function explained(leg: PromoteLeg, { explainAbsence }: PlanPorts) {
  return async (error: unknown): Promise<never> => {
    if (!isFailure(error, 'registry-not-found')) throw error;
    throw (await explainAbsence?.(leg)) ?? error;
  };
}

type Find = (leg: PromoteLeg) => Promise<Descriptor>;

/** An image that goes to several places is looked up once, so that one and the same goes to all of them. */
function oncePerSource<T>(ask: (leg: PromoteLeg) => Promise<T>): (leg: PromoteLeg) => Promise<T> {
  const asked = new Map<string, Promise<T>>();
  return (leg) => {
    const key = `${leg.source.label} ${leg.reference}`;
    const answer = asked.get(key) ?? ask(leg);
    asked.set(key, answer);
    return answer;
  };
}

async function findLeg(
  leg: PromoteLeg,
  wanted: readonly RuledTag[],
  { find, log }: { readonly find: Find; readonly log: Log },
): Promise<Found> {
  const [root, { due, seen }] = await settled([find(leg), tagsThere(wanted, leg.destination, log)]);
  return { leg, root, tags: planTags(seen, root.digest, due) };
}

/** The tags that are due at the destination, and what they point to now. */
async function tagsThere(wanted: readonly RuledTag[], destination: Repository, log: Log) {
  const due = await dueTags(destination, wanted, log);
  return { due, seen: await lookAtTags(destination, due) };
}

function verifySources(found: readonly Found[], { judge }: PlanPorts): Promise<readonly (VerifyReport | undefined)[]> {
  const reports = new Map<string, Promise<VerifyReport | undefined>>();
  return settled(
    found.map(({ leg, root }) => {
      const key = `${leg.source.label}@${root.digest}`;
      const report = reports.get(key) ?? judge(leg.source, root.digest, 'source');
      reports.set(key, report);
      return report;
    }),
  );
}

async function planLeg({ leg, root, tags }: Found, log: Log) {
  const published = tags.moves.some(({ before }) => before === root.digest);
  const { source, destination: target } = leg;
  const copy = await planCopy({ source, target, root, referrers: true, published });
  const recorded = await recordedTarget(leg.destination, tags, log);
  return {
    leg,
    plan: { root, copy, tags },
    ...(recorded === undefined ? {} : { target: recorded }),
  };
}

type WithTarget = PlannedLeg & { readonly target?: RecordedTarget };

interface Recording {
  readonly target: RecordedTarget | undefined;
  readonly planned: readonly WithTarget[];
  readonly request: PromoteRequest;
  readonly clock: Clock;
}

function withRecord(planned: PlannedLeg, { target, planned: all, request, clock }: Recording): PlannedLeg {
  if (target === undefined) return planned;
  const family = all.filter(({ leg }) => leg.group === planned.leg.group).flatMap((each) => each.target ?? []);
  const record = promotionRecord(target, { family, note: request.note, clock });
  return { ...planned, plan: { ...planned.plan, record } };
}

/**
 * Looks a tag or digest up, once; the manifest is read with it, since it is needed next.
 *
 * @throws PlimsollError `registry-not-found`, and what the source throws
 */
export async function findSource(reference: string, source: Repository): Promise<Descriptor> {
  const found = await source.findManifest(reference);
  if (found !== undefined) return descriptorOf(found);
  throw new PlimsollError('registry-not-found', `${source.label} has no ${reference}`, {
    hint: 'Promote a tag or digest that an earlier job published, such as sha-<full commit>.',
  });
}
