import type { RuledTag } from '../../metadata/highest.ts';
import type { CopyResult } from '../../oci/copy.ts';
import type { CopyPlan } from '../../oci/copy-plan.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { PromotionRecord } from '../../oci/promotion-record.ts';
import type { Repository } from '../../oci/registry/repository.ts';
import type { TagMove, TagPlan } from '../tags.ts';
import type { VerifyReport } from '../verify.ts';

/** One image on its way to one repository, which may be its own. */
export interface PromoteLeg {
  readonly source: Repository;
  readonly destination: Repository;
  /** Tag or digest at the source; a tag is looked up once, everything after is by digest. */
  readonly reference: string;
  /** Images that go to one place together: their tags move when all of them are there. */
  readonly group: string;
  /** The source's repository name, when the destination's registry can take blobs from it. */
  readonly mountFrom?: string;
}

export interface PromoteRequest {
  readonly legs: readonly PromoteLeg[];
  readonly tags: readonly RuledTag[];
  readonly dryRun: boolean;
  readonly note: PromotionNote;
}

/** What the records of a promotion say beside what moved. */
export type PromotionNote = Pick<PromotionRecord, 'by' | 'run' | 'reason' | 'version' | 'rollback' | 'emergency'>;

/**
 * Judges a digest where it lies. Throws when the policy is not met or cannot be judged; `undefined` when nobody
 * wanted it judged there.
 */
export type Judge = (
  repository: Repository,
  digest: Digest,
  end: 'source' | 'destination',
) => Promise<VerifyReport | undefined>;

/** Everything promotion would do with one image, before anything is written. */
export interface PromotePlan {
  readonly root: Descriptor;
  readonly copy: CopyPlan;
  readonly tags: TagPlan;
  /** Absent when no moving tag moves. */
  readonly record?: PromotionRecord;
}

export interface PlannedLeg {
  readonly leg: PromoteLeg;
  readonly plan: PromotePlan;
  readonly atSource?: VerifyReport;
}

export interface LegResult extends PlannedLeg {
  /** Absent on a dry run, and as far as the leg did not get, as are all that follow. */
  readonly copied?: CopyResult;
  readonly atDestination?: VerifyReport;
  readonly moved?: readonly TagMove[];
  /** Why the images of this group are not there. */
  readonly failure?: unknown;
}
