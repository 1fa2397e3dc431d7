import type { Digest } from '../oci/digest.ts';
import type { ContentTarget } from '../oci/content.ts';
import type { RuledTag } from '../metadata/highest.ts';
import type { Log } from '../runtime/log.ts';
import type { BuiltImage } from './build.ts';
import { type EarlierImage, earlierImage } from './earlier-image.ts';
import type { PublishResult } from './publish.ts';
import type { ScanResult } from './scan.ts';
import type { SignResult } from './sign.ts';
import { refuseTakenTags, type TagMove } from './tags.ts';
import type { VerifyReport } from './verify.ts';

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

/** The stages as the pipeline calls them; each is the same function that its own action runs. */
export interface PipelinePorts {
  readonly repository: Pick<ContentTarget, 'resolve' | 'label'>;
  /** Whether this job may sign at all. @throws PlimsollError `oidc-unavailable` */
  readonly requireIdentity: () => void;
  readonly build: () => Promise<BuiltImage>;
  /** Throws for any outcome but `pass`. */
  readonly scan: (built: BuiltImage) => Promise<ScanResult>;
  readonly publish: (built: BuiltImage) => Promise<PublishResult>;
  readonly sign: (digest: Digest, scanned: ScanResult) => Promise<SignResult>;
  readonly verify: (digest: Digest) => Promise<VerifyReport>;
  readonly tag: (digest: Digest, tags: readonly RuledTag[]) => Promise<readonly TagMove[]>;
  /** Leaves word on the image of the tags that it is to get. */
  readonly leaveIntent: (digest: Digest) => Promise<void>;
  readonly log: Log;
}

export interface PipelineResult {
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

/**
 * build → scan → publish → sign → verify → tag, on one digest. Nothing is uploaded unless the scan
 * passed, and no tag is written, not even the immutable one, before there is a signature to find
 * behind it: whatever a tag of ours names can be verified.
 *
 * @throws PlimsollError what the stages throw; `oidc-unavailable` and `tag-taken` before anything is built
 */
export async function pipeline(request: PipelineRequest, ports: PipelinePorts): Promise<PipelineResult> {
  const earlier = request.push && !request.unsignedTags ? await earlierImage(request.commitTag, ports) : undefined;
  if (earlier !== undefined) return resume(earlier, request, ports);
  // What cannot be signed later must not be uploaded first.
  if (request.push && request.sign) ports.requireIdentity();
  if (request.push) await refuseTakenTags(ports.repository, request.tags);
  const built = await ports.build();
  const scanned = await ports.scan(built);
  const result: PipelineResult = { digest: built.digest, resumed: false, built, scanned, tags: [] };
  return request.push ? release(result, request, ports) : result;
}

/** Everything after the scan passed. */
async function release(
  result: PipelineResult,
  request: PipelineRequest,
  ports: PipelinePorts,
): Promise<PipelineResult> {
  const { digest, built, scanned } = result;
  if (built === undefined || scanned === undefined) return result;
  const published = await ports.publish(built);
  if (request.leaveMovingTags) await ports.leaveIntent(digest);
  if (request.unsignedTags) return { ...result, published, tags: await ports.tag(digest, request.tags) };
  if (!request.sign) return { ...result, published };
  const signed = await ports.sign(digest, scanned);
  const verified = await ports.verify(digest);
  const tags = await ports.tag(digest, dueNow(request));
  return { ...result, published, signed, verified, tags };
}

async function resume(earlier: EarlierImage, request: PipelineRequest, ports: PipelinePorts): Promise<PipelineResult> {
  // An intent counts only in the run that left it.
  if (request.leaveMovingTags) await ports.leaveIntent(earlier.digest);
  return { ...earlier, resumed: true, tags: await ports.tag(earlier.digest, dueNow(request)) };
}

function dueNow({ tags, leaveMovingTags }: PipelineRequest): readonly RuledTag[] {
  return leaveMovingTags ? tags.filter((tag) => tag.class === 'immutable') : tags;
}
