import type { PlatformScan } from './platform-scan.ts';
import { missing, type ScanProblem } from './problem.ts';

export interface EndOfLife {
  /** One sentence each. */
  readonly notes: readonly string[];
  readonly problems: readonly ScanProblem[];
}

/**
 * Releases that get no more security fixes. They get few advisories too, so that no finding says little, and the policy
 * says whether that is a verdict.
 */
export function endOfLife(platforms: readonly PlatformScan[], means: 'note' | 'incomplete'): EndOfLife {
  const ended = platforms.flatMap(({ target: { platform }, endedSystem }) =>
    endedSystem === undefined
      ? []
      : [`the operating system of ${platform}, ${endedSystem}, gets no more security fixes`],
  );
  if (means === 'incomplete') return { notes: [], problems: ended.map((what) => missing(what, MOVE_ON)) };
  return { notes: ended.map((what) => `${what.replace(/^t/, 'T')}: no finding says little.`), problems: [] };
}

const MOVE_ON =
  'Build on a release that is still maintained, or let "end-of-life: note" stand under "scan:" in the policy until that is done.';
