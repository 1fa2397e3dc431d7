import { PlimsollError } from '../runtime/errors.ts';

/** One job of a build that is spread over runners. */
export interface MatrixLeg {
  /** `linux/arm64`, for the input `platforms`. */
  readonly platform: string;
  /** Label for `runs-on`. */
  readonly runner: string;
  /** `linux-arm64`: the platform as a name of jobs, outputs and artifacts. */
  readonly name: string;
}

/** What `strategy.matrix` takes. */
export interface BuildMatrix<Leg = MatrixLeg> {
  readonly include: readonly Leg[];
}

/** Labels of GitHub's own runners; arm64 runs natively, and 32-bit arm on the same processors. */
const RUNNERS = { x64: 'ubuntu-24.04', arm: 'ubuntu-24.04-arm' } as const;

/**
 * Which runner builds which platform: one whose processor it is made for, where GitHub has one.
 * @param own labels by platform, in place of GitHub's
 * @throws PlimsollError `input-conflict` for a label of a platform that is not built
 */
export function buildMatrix(platforms: readonly string[], own: Readonly<Record<string, string>>): BuildMatrix {
  refuseUnusedLabels(own, platforms);
  const include = platforms.map((platform) => ({
    platform,
    runner: runnerOf(platform, own),
    name: platform.replaceAll('/', '-'),
  }));
  return { include };
}

/** The label of the runner for a platform. */
export function runnerOf(platform: string, own: Readonly<Record<string, string>>): string {
  return own[platform] ?? (platform.startsWith('linux/arm') ? RUNNERS.arm : RUNNERS.x64);
}

/** @throws PlimsollError `input-conflict` for a label of a platform that is not built */
export function refuseUnusedLabels(own: Readonly<Record<string, string>>, platforms: readonly string[]): void {
  const stray = Object.keys(own).find((platform) => !platforms.includes(platform));
  if (stray === undefined) return;
  throw new PlimsollError('input-conflict', `"runners" has a label for ${stray}, which is not built`, {
    hint: `Remove the line, or add the platform to "platforms", which has ${platforms.join(', ')}.`,
  });
}
