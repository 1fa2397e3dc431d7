import type { ContentSource } from '../../oci/content.ts';
import type { Digest } from '../../oci/digest.ts';
import { isFailure } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { VerifyReport } from '../verify.ts';
import type { Judge } from './leg.ts';

/** What somebody decided to leave out, each with a warning. */
export interface Leniency {
  /** Ends at which no signature is asked for. */
  readonly unverified: readonly ('source' | 'destination')[];
  /** Goes on with an image that the policy refuses, or that cannot be judged. */
  readonly emergency: boolean;
}

export interface JudgePorts {
  readonly verify: (repository: ContentSource, digest: Digest) => Promise<VerifyReport>;
  readonly log: Log;
}

/**
 * Verification, less what was left out. That the digest is the same at both ends is no part of this, and is never
 * left out; neither is that the image exists.
 */
export function lenientJudge({ unverified, emergency }: Leniency, { verify, log }: JudgePorts): Judge {
  return async (repository, digest, end) => {
    if (unverified.includes(end)) {
      log.warning(`${repository.label}@${digest} is not verified at the ${end}, as the inputs ask`);
      return undefined;
    }
    try {
      return await verify(repository, digest);
    } catch (error) {
      if (!emergency || !isFailure(error) || FINAL.has(error.code)) throw error;
      log.warning(`Emergency: ${repository.label}@${digest} is promoted although ${error.code}: ${error.message}`);
      return undefined;
    }
  };
}

const FINAL: ReadonlySet<string> = new Set(['verify-not-found', 'cancelled']);
