import type { Digest } from '../../oci/digest.ts';
import type { ScanTarget } from './targets.ts';

/** Of a platform's bytes; with less in common, waiting for the other platform costs more than reading them again. */
const WORTHWHILE = 0.8;

/**
 * Which platform another one waits for, because nearly all of its layers are the same: those are then analysed once.
 * Platforms of most images have little in common, and are scanned side by side.
 */
export function leadersOf(targets: readonly ScanTarget[]): ReadonlyMap<Digest, Digest> {
  const leaders = new Map<Digest, Digest>();
  for (const [at, target] of targets.entries()) {
    const before = targets.slice(0, at).filter(({ descriptor }) => !leaders.has(descriptor.digest));
    const leader = before.find((each) => sharedPart(target, each) >= WORTHWHILE);
    if (leader !== undefined) leaders.set(target.descriptor.digest, leader.descriptor.digest);
  }
  return leaders;
}

function sharedPart({ manifest: { layers } }: ScanTarget, other: ScanTarget): number {
  const there = new Set(other.manifest.layers.map(({ digest }) => digest));
  const bytes = (of: typeof layers) => of.reduce((sum, { size }) => sum + size, 0);
  return bytes(layers) === 0 ? 0 : bytes(layers.filter(({ digest }) => there.has(digest))) / bytes(layers);
}
