import path from 'node:path';
import type { Clock } from '../../runtime/clock.ts';
import type { Log } from '../../runtime/log.ts';
import { settled } from '../../runtime/settled.ts';
import type { Slots } from '../../runtime/slots.ts';
import { databaseProblems } from './databases.ts';
import type { DatabaseAnswer } from './database.ts';
import { checkBlobs, fetchFlatLayout, flattenLayout } from './flat-layout.ts';
import type { ScanPlan } from './plan.ts';
import { type PlatformScan, scanPlatform } from './platform-scan.ts';
import { missing, type ScanProblem } from './problem.ts';
import type { Scanners } from './scanners.ts';
import { attempt, isProblem } from './tool-problem.ts';
import type { TrivyDatabase } from './trivy-database.ts';
import type { ScanTarget } from './targets.ts';

export interface ImageScanPorts {
  readonly scanners: Scanners;
  readonly slots: Slots;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ImageScan {
  readonly platforms: readonly PlatformScan[];
  readonly problems: readonly ScanProblem[];
}

/**
 * Scans every platform side by side, from bytes that were checked against their digests.
 *
 * @throws PlimsollError `layout-invalid`, `digest-mismatch`, and what the registry throws: bytes that
 *   are not what their digest says get no verdict at all
 */
export async function scanPlatforms(
  plan: ScanPlan,
  { workDir, database }: { readonly workDir: string; readonly database: Promise<DatabaseAnswer<TrivyDatabase>> },
  ports: ImageScanPorts,
): Promise<ImageScan> {
  if (plan.targets.length === 0) {
    return {
      platforms: [],
      problems: [missing(`${plan.image} has no platform that could be run, only attestations`, NO_PLATFORM)],
    };
  }
  const layoutDir = path.join(workDir, 'layout');
  const checked = prepare(plan, layoutDir, ports.slots);
  const scanning = scanAll(plan.targets, { layoutDir, database, ready: checked.ready }, ports);
  // The bytes first: when they are wrong, what a scanner says about them is of no interest.
  const [, { answer, platforms }] = await settled([checked.sound, scanning]);
  return { platforms, problems: [...databaseProblems([answer]), ...platforms.flatMap((each) => each.problems)] };
}

interface ScanPlace {
  readonly layoutDir: string;
  readonly database: Promise<DatabaseAnswer<TrivyDatabase>>;
  readonly ready: Promise<void>;
}

async function scanAll(
  targets: readonly ScanTarget[],
  { layoutDir, database, ready }: ScanPlace,
  ports: ImageScanPorts,
) {
  const [answer] = await settled([database, ready]);
  const held = answer.database;
  if (held === undefined) return { answer, platforms: [] };
  const place = { layoutDir, cacheDir: held.cacheDir };
  const scans = targets.map((target) => ports.slots.run(() => scanOne(target, place, ports)));
  return { answer, platforms: await settled(scans) };
}

interface Prepared {
  /** The flat layout can be read. */
  readonly ready: Promise<void>;
  /** Every byte was compared with its digest. */
  readonly sound: Promise<void>;
}

/** A layout is checked while it is being scanned; what comes from a registry is checked on arrival. */
function prepare({ content, targets, layoutDir }: ScanPlan, flatDir: string, slots: Slots): Prepared {
  if (layoutDir === undefined) {
    const fetched = fetchFlatLayout(content, targets, flatDir);
    return { ready: fetched, sound: fetched };
  }
  const sound = slots.run(() => checkBlobs(content, targets));
  return { ready: flattenLayout(layoutDir, targets, flatDir), sound };
}

async function scanOne(
  target: ScanTarget,
  place: { readonly layoutDir: string; readonly cacheDir: string },
  ports: ImageScanPorts,
): Promise<PlatformScan> {
  const startedAt = ports.clock.now();
  const scan = await attempt(`the ${target.platform} image`, () => scanPlatform(target, place, ports));
  if (!isProblem(scan)) return scan;
  return { target, findings: [], problems: [scan], startedAt, finishedAt: ports.clock.now() };
}

const NO_PLATFORM = 'Scan the digest of an image or of an index with images in it.';
