import { copyFile, mkdir, mkdtemp, rename } from 'node:fs/promises';
import path from 'node:path';
import { isFailure } from '../../runtime/errors.ts';
import { type RootAge, readTrustedRoot, type Trust } from '../../sigstore/trusted-root.ts';
import { writePublicTrustedRoot } from '../../tools/cosign.ts';
import type { ToolPorts } from '../../tools/tool-ports.ts';

export interface TrustOptions extends RootAge {
  /** Where the public root is kept between runs; not kept unless given. */
  readonly cacheDir?: string;
}

/** A root of the public instance is replaced a few times a year; TUF itself asks its clients to look once a week. */
const CACHE_MAX_AGE = 7 * 86_400_000;

/**
 * The trusted root of a run, read once: a file, or the public one, which cosign fetches and checks
 * through TUF. A TUF client of our own would be a third of the whole action.
 *
 * @param file the `trusted-root` input
 */
export function trustOf(file: string | undefined, cosign: ToolPorts, options: TrustOptions = {}): () => Promise<Trust> {
  let trust: Promise<Trust> | undefined;
  return () => {
    trust ??= file === undefined ? publicTrust(cosign, options) : readTrustedRoot(file, options);
    return trust;
  };
}

/** Fetched each time; the one that was kept is only for the days on which it cannot be. */
async function publicTrust(cosign: ToolPorts, { cacheDir, ...age }: TrustOptions): Promise<Trust> {
  const kept = cacheDir === undefined ? undefined : path.join(cacheDir, 'plimsoll-trust', 'trusted_root.json');
  try {
    const file = path.join(await mkdtemp(path.join(cosign.tempDir, 'plimsoll-trust-')), 'trusted_root.json');
    await writePublicTrustedRoot(file, cosign);
    const trust = await readTrustedRoot(file, { ...age, maxAge: undefined });
    if (kept !== undefined) await keep(file, kept);
    return { ...trust, isPublic: true };
  } catch (error) {
    if (kept === undefined || !isFailure(error, 'trust-root')) throw error;
    const trust = await readTrustedRoot(kept, { ...age, maxAge: CACHE_MAX_AGE }).catch((): never => {
      throw error;
    });
    cosign.log.warning(`${error.message}. The trusted root of an earlier run is used, at most 7 days old`);
    return { ...trust, isPublic: true };
  }
}

/** Whole or not at all, and never the reason for a failure. */
async function keep(file: string, kept: string): Promise<void> {
  try {
    await mkdir(path.dirname(kept), { recursive: true, mode: 0o700 });
    await copyFile(file, `${kept}.${process.pid}`);
    await rename(`${kept}.${process.pid}`, kept);
  } catch {
    // A directory that cannot be written to keeps nothing.
  }
}
