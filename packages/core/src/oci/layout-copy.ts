import { type CopyPorts, type CopyResult, executeCopy } from './copy.ts';
import { planCopy } from './copy-plan.ts';
import type { Descriptor } from './descriptor.ts';
import { layoutTarget } from './layout-target.ts';

export interface LayoutCopy extends Pick<CopyPorts, 'source' | 'progress'> {
  readonly root: Descriptor;
  readonly directory: string;
  /** For `index.json`, such as a tag; without one the image is found by its digest. */
  readonly name?: string;
  /** Takes signatures and attestations along. */
  readonly referrers: boolean;
}

/**
 * Copies an image into a layout directory, a new one or one that has other images. It is named last: a directory
 * whose `index.json` names an image has all of it.
 *
 * @throws PlimsollError `layout-invalid`, `disk-full`, `digest-mismatch`, and what the source throws
 */
export async function copyToLayout({ directory, name, root, referrers, ...ports }: LayoutCopy): Promise<CopyResult> {
  const target = await layoutTarget(directory);
  const plan = await planCopy({ source: ports.source, target, root, referrers });
  const result = await executeCopy(plan, { ...ports, target });
  if (name === undefined) await target.list(root);
  else await target.putManifest(await target.manifest(root.digest), name);
  return result;
}
