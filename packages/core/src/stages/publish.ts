import type { Repository } from '../oci/registry/repository.ts';
import { type CopyResult, executeCopy } from '../oci/copy.ts';
import { planCopy } from '../oci/copy-plan.ts';
import type { RootedContent } from '../oci/content.ts';
import type { ByteMeter } from '../runtime/progress.ts';

/** What went up: the same bytes that the layout holds, found by digest only. */
export type PublishResult = CopyResult;

export interface PublishPorts {
  /** A layout, or what was put together of parts that the registry has. */
  readonly content: RootedContent;
  readonly repository: Repository;
  readonly progress?: ByteMeter;
}

/**
 * Uploads an image's root, and what the registry lacks of it, by digest. No tag is written.
 *
 * @throws PlimsollError `digest-mismatch` before the root is stored when a byte differs, and what
 *   the registry throws
 */
export async function publish({ content, repository, progress }: PublishPorts): Promise<PublishResult> {
  const ends = { source: content, target: repository };
  const plan = await planCopy({ ...ends, root: content.root, referrers: false });
  return executeCopy(plan, progress === undefined ? ends : { ...ends, progress });
}
