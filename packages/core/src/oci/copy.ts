import type { Clock } from '../runtime/clock.ts';
import { PlimsollError } from '../runtime/errors.ts';
import type { ByteMeter } from '../runtime/progress.ts';
import type { ContentSource, CopyTarget } from './content.ts';
import { GraphCopy } from './copy-graph.ts';
import { partsOf } from './copy-parts.ts';
import type { CopyPlan } from './copy-plan.ts';
import type { Digest } from './digest.ts';

export interface CopyPorts {
  readonly source: ContentSource;
  readonly target: CopyTarget;
  /** A repository on the target's registry that has the blobs, to mount them from. */
  readonly mountFrom?: string;
  readonly progress?: ByteMeter;
  /** The caller reads the root back itself, as whoever writes a tag and checks it does. */
  readonly proofFollows?: boolean;
  /** No tag leads to the root yet: a target that names the digest of what it stored is taken at its word. */
  readonly receiptCounts?: boolean;
  readonly clock?: Clock;
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
 * Carries out a plan: blobs and manifests in parallel, children before the index that lists them, each
 * fallback index once, the root last. No tag is written but those that belong to a manifest by their name.
 *
 * @throws PlimsollError `digest-mismatch`, `promote-mismatch`, and what source and target throw
 */
export async function executeCopy(plan: CopyPlan, ports: CopyPorts): Promise<CopyResult> {
  const parts = partsOf(plan.graph);
  for (const { digest, size } of plan.blobs) ports.progress?.expect(size, parts.get(digest));
  const receipt = await new GraphCopy(plan, ports, parts).run();
  const isStated = ports.receiptCounts === true && receipt?.stored === plan.root.digest;
  if (ports.proofFollows !== true && !isStated && !isDone(plan)) await assertRoot(plan, ports.target);
  const { root, manifests, blobs, bytesToMove, bytesPresent } = plan;
  return {
    digest: root.digest,
    manifests: manifests.filter(({ present }) => !present).length,
    blobs: blobs.length,
    bytesMoved: bytesToMove,
    bytesPresent,
    referrers: [...plan.graph.nodes.values()].flatMap((node) => node.referrers).length,
  };
}

/** Nothing was written, and the plan has just seen the root. */
function isDone({ manifests, referrers, tags }: CopyPlan): boolean {
  return manifests.every(({ present }) => present) && referrers.size === 0 && tags.length === 0;
}

/** What the target itself says of the root now, read and not remembered. */
async function assertRoot({ root }: CopyPlan, target: CopyTarget): Promise<void> {
  const stored = await target.look(root.digest);
  if (stored?.size === root.size && stored.digest === root.digest) return;
  throw new PlimsollError('promote-mismatch', `${target.label} does not have ${root.digest} after the copy`, {
    hint: 'Run the copy again; nothing was tagged. If it stays so, the registry does not keep what it accepts.',
  });
}
