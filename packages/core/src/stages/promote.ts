import type { RuledTag } from '../metadata/highest.ts';
import { type CopyResult, executeCopy } from '../oci/copy.ts';
import { type CopyPlan, planCopy } from '../oci/copy-plan.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { descriptorOf } from '../oci/manifest.ts';
import type { Repository } from '../oci/registry/repository.ts';
import { PlimsollError } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import type { ByteMeter } from '../runtime/progress.ts';
import { settled } from '../runtime/settled.ts';
import { dueTags } from './due-tags.ts';
import { applyTags, lookAtTags, planTags, type TagMove, type TagPlan } from './tags.ts';
import type { VerifyReport } from './verify.ts';

export interface PromoteRequest {
  /** Tag or digest at the source; a tag is looked up once, everything after is by digest. */
  readonly reference: string;
  readonly tags: readonly RuledTag[];
  readonly dryRun: boolean;
}

/** What promotion touches. Source and destination may be the same repository. */
export interface PromotePorts {
  readonly source: Repository;
  readonly destination: Repository;
  /** Judges a digest where it lies; throws when the policy is not met or cannot be judged. */
  readonly verify: (repository: Repository, digest: Digest) => Promise<VerifyReport>;
  readonly log: Log;
  readonly progress?: ByteMeter;
  /** The source's repository name, when the destination's registry can take blobs from it. */
  readonly mountFrom?: string;
}

/** Everything promotion would do, before anything is written. */
export interface PromotePlan {
  readonly root: Descriptor;
  readonly copy: CopyPlan;
  readonly tags: TagPlan;
}

export interface PromoteResult {
  readonly plan: PromotePlan;
  readonly atSource: VerifyReport;
  /** Absent on a dry run, as are all that follow. */
  readonly copied?: CopyResult;
  readonly atDestination?: VerifyReport;
  readonly moved?: readonly TagMove[];
}

/**
 * Takes one digest with all its evidence to another repository: verify, plan, copy, verify again,
 * and only then write the tags.
 *
 * @throws PlimsollError `registry-not-found` when the source has no such image, `tag-taken` before
 *   anything is copied, `promote-mismatch`, and what verification and the registries throw
 */
export async function promote(request: PromoteRequest, ports: PromotePorts): Promise<PromoteResult> {
  const [root, { due, seen }] = await settled([
    findSource(request.reference, ports.source),
    tagsThere(request.tags, ports),
  ]);
  const tags = planTags(seen, root.digest, due);
  const published = tags.moves.some(({ before }) => before === root.digest);
  // Both only read, and mostly the same.
  const [atSource, copy] = await settled([
    ports.log.group('Verify at the source', () => ports.verify(ports.source, root.digest)),
    planCopy({ source: ports.source, target: ports.destination, root, referrers: true, published }),
  ]);
  const plan: PromotePlan = { root, copy, tags };
  if (request.dryRun) return { plan, atSource };
  return { plan, atSource, ...(await execute(plan, ports)) };
}

/** The tags that are due at the destination, and what they point to now. */
async function tagsThere(wanted: readonly RuledTag[], { destination, log }: PromotePorts) {
  const due = await dueTags(destination, wanted, log);
  return { due, seen: await lookAtTags(destination, due) };
}

async function execute(plan: PromotePlan, ports: PromotePorts) {
  const copied = await ports.log.group('Copy the image and its evidence', () =>
    executeCopy(plan.copy, { ...copyPorts(ports), proofFollows: plan.tags.moves.length > 0 }),
  );
  const atDestination = await ports.log.group('Verify at the destination', () =>
    ports.verify(ports.destination, plan.root.digest),
  );
  const moved = await applyTags(ports.destination, plan.tags);
  return { copied, atDestination, moved };
}

function copyPorts({ source, destination, progress, mountFrom }: PromotePorts) {
  const cheaper = mountFrom === undefined ? {} : { mountFrom };
  return { source, target: destination, ...cheaper, ...(progress === undefined ? {} : { progress }) };
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
