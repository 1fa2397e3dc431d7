import { AttachedContent, type Attachment } from '../oci/attached-content.ts';
import type { RootedContent } from '../oci/content.ts';
import { type CopyResult, executeCopy } from '../oci/copy.ts';
import { planCopy } from '../oci/copy-plan.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Repository } from '../oci/registry/repository.ts';
import type { ByteMeter } from '../runtime/progress.ts';

/** What went up: the same bytes that the layout holds, found by digest only. */
export type PublishResult = CopyResult;

export interface PublishPorts {
  /** A layout, or what was put together of parts that the registry has. */
  readonly content: RootedContent;
  readonly repository: Repository;
  /** What is to hang on the image from the moment it is there. */
  readonly attachments?: readonly Attachment[];
  /** What people pull now is another one, so that nobody has most likely pushed this. */
  readonly isNew?: boolean;
  readonly progress?: ByteMeter;
}

/**
 * Uploads an image's root, and what the registry lacks of it, by digest. No tag is written.
 *
 * @throws PlimsollError `digest-mismatch` before the root is stored when a byte differs, `attach-lost`, and what
 *   the registry throws
 */
export async function publish(ports: PublishPorts): Promise<PublishResult> {
  const { content, repository, attachments = [], isNew, progress } = ports;
  const referrers = attachments.length > 0;
  const ends = { source: referrers ? new AttachedContent(content, attachments) : content, target: repository };
  const news = isNew === true ? { published: 'unlikely' as const } : {};
  const foreseen = (blobs: readonly Descriptor[]) => repository.openUploads(blobs);
  try {
    const plan = await planCopy({ ...ends, root: content.root, referrers, ...news, foreseen });
    return await executeCopy(plan, { ...ends, receiptCounts: true, ...(progress && { progress }) });
  } finally {
    await repository.dropUploads();
  }
}
