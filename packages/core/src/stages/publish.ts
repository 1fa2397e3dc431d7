import type { Repository } from '../oci/registry/repository.ts';
import { type CopyResult, executeCopy } from '../oci/copy.ts';
import { planCopy } from '../oci/copy-plan.ts';
import type { Layout } from '../oci/layout.ts';
import type { ByteMeter } from '../runtime/progress.ts';

/** What went up: the same bytes that the layout holds, found by digest only. */
export type PublishResult = CopyResult;

export interface PublishPorts {
  readonly layout: Layout;
  readonly repository: Repository;
  readonly progress?: ByteMeter;
}

/**
 * Uploads a layout's only root by digest. No tag is written.
 *
 * @throws PlimsollError `digest-mismatch` before the root is stored when a byte differs, and what
 *   the registry throws
 */
export async function publish({ layout, repository, progress }: PublishPorts): Promise<PublishResult> {
  const ends = { source: layout, target: repository };
  const plan = await planCopy({ ...ends, root: layout.root, referrers: false });
  return executeCopy(plan, progress === undefined ? ends : { ...ends, progress });
}
