import type { RuledTag } from '../../metadata/highest.ts';
import type { ContentTarget } from '../../oci/content.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Log } from '../../runtime/log.ts';
import type { BuiltImage } from '../build.ts';
import type { PublishResult } from '../publish.ts';
import type { ScanResult } from '../scan.ts';
import type { SignResult } from '../sign.ts';
import type { SmokeResult } from '../smoke/judgement.ts';
import type { TagMove } from '../tags.ts';
import type { VerifyReport } from '../verify.ts';

export interface PipelineRequest {
  /** `sha-<commit>`: where a re-run looks for what an earlier run finished. */
  readonly commitTag: string;
  readonly tags: readonly RuledTag[];
  readonly push: boolean;
  readonly sign: boolean;
  /** Write the tags without a signature: those of a development image, which promise nothing. */
  readonly unsignedTags: boolean;
  /** Leave the moving tags to a later job: the `sign` action with `move-tags`. */
  readonly leaveMovingTags: boolean;
}

/** An image of this run that another one stands on: it was built and passed its scan, or was verified. */
export interface Vetted {
  readonly name: string;
  readonly digest: Digest;
  /** Absent where an earlier run made it: then it is in its repository. */
  readonly built?: BuiltImage | undefined;
}

/** The stages as the pipeline calls them; each is the same function that its own action runs. */
export interface PipelinePorts {
  readonly repository: Pick<ContentTarget, 'resolve' | 'label'>;
  /** Whether this job may sign this image at all. @throws PlimsollError `oidc-unavailable`, `input-conflict` */
  readonly requireIdentity: () => void;
  /** @param bases - what the image needs, in that order */
  readonly build: (bases: readonly Vetted[]) => Promise<BuiltImage>;
  /** May throw for what does not pass; if it does not, the path does. */
  readonly scan: (built: BuiltImage) => Promise<ScanResult>;
  /** Starts the image where it has smoke tests; may throw unless it did what they expect, and else the path does. */
  readonly smoke: (built: BuiltImage) => Promise<readonly SmokeResult[]>;
  readonly publish: (built: BuiltImage, scanned: ScanResult) => Promise<PublishResult>;
  readonly sign: (digest: Digest, scanned: ScanResult) => Promise<SignResult>;
  readonly verify: (digest: Digest) => Promise<VerifyReport>;
  /** Leaves word on the image of the tags that it is to get. */
  readonly leaveIntent: (digest: Digest) => Promise<void>;
  /** Told when the image is not built, because of another that failed. */
  readonly stopped?: (by: string) => void;
  readonly log: Log;
}

/** One image of a run. */
export interface PipelineMember {
  readonly name: string;
  /** Names of the images that it is built on. */
  readonly needs: readonly string[];
  readonly request: PipelineRequest;
  readonly ports: PipelinePorts;
}

/** An image that has proof, and the tags that are to lead to it now. */
export interface DueImage {
  readonly name: string;
  readonly digest: Digest;
  readonly tags: readonly RuledTag[];
}

/** What is done for all images of a run at once. */
export interface RunPorts {
  /** Moves the tags of all, or of none. @returns the moves of each, in order */
  readonly tag: (images: readonly DueImage[]) => Promise<readonly (readonly TagMove[])[]>;
  /** Images that are worked on at a time. */
  readonly concurrency: number;
  readonly log: Log;
}

export interface PipelineResult {
  readonly name: string;
  readonly digest: Digest;
  /** True when an earlier run had published and signed this commit, so nothing was built. */
  readonly resumed: boolean;
  readonly built?: BuiltImage;
  readonly scanned?: ScanResult;
  readonly published?: PublishResult;
  readonly signed?: SignResult;
  readonly verified?: VerifyReport;
  readonly tags: readonly TagMove[];
}
