import type { LoadedPolicy } from '@plimsoll/core/github/policy-file';
import type { RefStanding } from '@plimsoll/core/github/ref-standing';
import type { Need } from '@plimsoll/core/metadata/family';
import type { ImageDescription } from '@plimsoll/core/metadata/image-plan';
import type { Repository } from '@plimsoll/core/oci/registry/repository';
import type { PipelineContext, PipelineInputs } from './inputs.ts';
import type { StageRecord } from './record.ts';

/** What the path works on for one image. */
export interface Job {
  /** Its own in its family, or `image`. */
  readonly name: string;
  /** Images of the family that it is built on. */
  readonly needs: readonly Need[];
  readonly given: PipelineInputs;
  readonly image: ImageDescription;
  readonly policy: LoadedPolicy;
  readonly repository: Repository;
  readonly standing: RefStanding;
}

/** One image of a run. */
export interface Member {
  readonly job: Job;
  /** The run's, with places and a log of the image's own where the run has several. */
  readonly context: PipelineContext;
  readonly record: StageRecord;
  /** What an image of a family would have set as outputs alone, by name; an only image sets those of the run itself. */
  readonly outputs: ReadonlyMap<string, string>;
}
