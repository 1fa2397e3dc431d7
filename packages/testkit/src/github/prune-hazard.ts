import { parsePolicy } from '@plimsoll/core/policy/load';
import type { ErrorCode } from '@plimsoll/core/runtime/error-codes';
import { isFailure, PlimsollError } from '@plimsoll/core/runtime/errors';
import { fallbackTag } from './image-shapes.ts';
import { type PruneScene, sceneWith } from './prune-scene.ts';

/** What a package comes to: the code that the run ends with, what is whole afterwards, and what is gone. */
export interface Arranged {
  readonly code?: ErrorCode;
  readonly kept: readonly string[];
  readonly gone?: readonly string[];
  /** Happens once, just before the first request of this kind after the plan. */
  readonly next?: readonly ['page' | 'tags' | 'version' | 'delete', () => unknown];
}

/** A name, and what makes the package. */
export type Hazard = readonly [string, (at: PruneScene) => Arranged];

/** What should be and is not; every list is empty when all is well. */
export interface Survey {
  readonly code: string | undefined;
  readonly lost: readonly string[];
  readonly left: readonly string[];
  /** What is kept and lacks a part that it had. */
  readonly broken: readonly string[];
}

/** Plans and applies ten days later; `wanted` is the code that the run should end with. */
export async function survey([, arrange]: Hazard): Promise<Survey & { readonly wanted: ErrorCode | undefined }> {
  const at = sceneWith();
  const arranged = arrange(at);
  at.wait(10);
  const { kept, gone = [] } = arranged;
  const before = new Map(kept.map((digest) => [digest, at.state.missingBelow(digest)]));
  const code = await endOf(at, arranged);
  return {
    wanted: arranged.code,
    code,
    lost: kept.filter((digest) => !at.alive(digest)),
    left: gone.filter((digest) => at.alive(digest)),
    broken: kept.filter((digest) => at.state.missingBelow(digest).some((one) => !before.get(digest)?.includes(one))),
  };
}

async function endOf(at: PruneScene, { next }: Arranged): Promise<string | undefined> {
  try {
    parsePolicy(JSON.stringify({ retention: at.retention }), 'policy.yml');
    const planned = await at.plan();
    let happened = next === undefined;
    if (next !== undefined)
      at.planes.hook = (request) => {
        if (happened || request !== next[0]) return;
        happened = true;
        void next[1]();
      };
    const { failure } = await at.apply(planned);
    if (!happened) return 'what was to happen meanwhile did not';
    return isFailure(failure) ? failure.code : failure?.message;
  } catch (error) {
    if (isFailure(error)) return error.code;
    throw error;
  }
}

export function fails(code: ErrorCode): never {
  throw new PlimsollError(code, 'injected', { hint: 'x' });
}

/** The next deletion fails, and every one after it. */
export function cutOff(at: PruneScene, code: ErrorCode): void {
  at.planes.hook = (request) => void (request === 'delete' && fails(code));
}

/** Something to delete, and a tag that stays. */
export function litter({ shapes }: PruneScene): string[] {
  shapes.image('stays', { tags: ['stable'] });
  return [shapes.image('litter')];
}

/** An image of two platforms with their attestations, its SBOM, and the signature of that. */
export function imageWithEvidence({ shapes }: PruneScene, tag: string): string[] {
  const { index, children } = shapes.multiPlatform(tag, { tags: [tag] });
  const sbom = shapes.image(`sbom ${tag}`, { subject: index });
  const signature = shapes.image(`sig ${tag}`, { tags: [fallbackTag(sbom, '.sig')] });
  return [index, ...children, sbom, signature];
}
