import { PlimsollError } from '../runtime/errors.ts';
import type { ByteMeter } from '../runtime/progress.ts';
import { settled } from '../runtime/settled.ts';
import type { ContentSource } from './content.ts';
import { GraphCopy } from './copy-graph.ts';
import type { CopyPlan } from './copy-plan.ts';
import type { Digest } from './digest.ts';
import { confirmReferrers } from './referrer-confirmation.ts';
import type { Repository } from './registry/repository.ts';

export interface CopyPorts {
  readonly source: ContentSource;
  readonly target: Repository;
  /** A repository on the target's registry that has the blobs, to mount them from. */
  readonly mountFrom?: string;
  readonly progress?: ByteMeter;
}

export interface CopyResult {
  /** Of the root, at both ends. */
  readonly digest: Digest;
  readonly manifests: number;
  readonly blobs: number;
  readonly bytesMoved: number;
  readonly bytesPresent: number;
  readonly referrers: number;
}

/**
 * Carries out a plan: blobs and manifests in parallel, children before the index that lists them,
 * the root last, then each fallback index once. No tag is written.
 *
 * @throws PlimsollError `digest-mismatch`, `promote-mismatch`, and what source and target throw
 */
export async function executeCopy(plan: CopyPlan, ports: CopyPorts): Promise<CopyResult> {
  ports.progress?.expect(plan.bytesToMove);
  const placed = await new GraphCopy(plan, ports).run();
  await settled([...placed].map(([subject, referrers]) => confirmReferrers(ports.target, subject, referrers)));
  await assertRoot(plan, ports.target);
  const { root, manifests, blobs, bytesToMove, bytesPresent } = plan;
  return {
    digest: root.digest,
    manifests: manifests.filter(({ present }) => !present).length,
    blobs: blobs.length,
    bytesMoved: bytesToMove,
    bytesPresent,
    referrers: [...plan.referrers.values()].flat().length,
  };
}

/** What the target itself says of the root now, read and not remembered. */
async function assertRoot({ root }: CopyPlan, target: Repository): Promise<void> {
  const stored = await target.look(root.digest);
  if (stored?.size === root.size && stored.digest === root.digest) return;
  throw new PlimsollError('promote-mismatch', `${target.label} does not have ${root.digest} after the copy`, {
    hint: 'Run the copy again; nothing was tagged. If it stays so, the registry does not keep what it accepts.',
  });
}
