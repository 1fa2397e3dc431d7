import path from 'node:path';
import type { Finding } from '../../policy/findings.ts';
import type { LicenceRules } from '../../policy/licences.ts';
import { type Digest, hexOf } from '../../oci/digest.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Log } from '../../runtime/log.ts';
import { settled } from '../../runtime/settled.ts';
import type { Slots } from '../../runtime/slots.ts';
import { databaseProblems } from './databases.ts';
import type { DatabaseAnswer } from './database.ts';
import { checkBlobs, fetchFlatLayout, flattenLayout } from './flat-layout.ts';
import type { PlannedImage, ScanPlan } from './plan.ts';
import { type PlatformScan, scanPlatform } from './platform-scan.ts';
import { missing, type ScanProblem } from './problem.ts';
import type { ImageJob, Scanners } from './scanners.ts';
import { leadersOf } from './shared-layers.ts';
import { attempt, isProblem, needsJavaDatabase } from './tool-problem.ts';
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
  /** Beside those of the platforms. */
  readonly findings?: readonly Finding[];
  readonly problems: readonly ScanProblem[];
  /** Databases that the image made necessary. */
  readonly databases: readonly DatabaseAnswer[];
}

export interface ImageDatabases {
  readonly database: Promise<DatabaseAnswer<TrivyDatabase>>;
  /** Fetched when the first Java archive is met: it is large, and most images have none. */
  readonly java: () => Promise<DatabaseAnswer<TrivyDatabase>>;
  readonly licenceRules?: LicenceRules | undefined;
  /** Whether secrets are looked for also where trivy takes them for samples. */
  readonly everywhere?: boolean | undefined;
}

/**
 * Scans every platform side by side, from bytes that were checked against their digests.
 *
 * @throws PlimsollError `layout-invalid`, `digest-mismatch`, and what the registry throws: bytes that
 *   are not what their digest says get no verdict at all
 */
export async function scanPlatforms(
  plan: ScanPlan,
  { workDir, java, ...place }: ImageDatabases & { readonly workDir: string },
  ports: ImageScanPorts,
): Promise<ImageScan> {
  if (plan.found === undefined) return { platforms: [], problems: [], databases: [] };
  if (plan.targets.length === 0) {
    return {
      platforms: [],
      problems: [missing(`${plan.image} has no platform that could be run, only attestations`, NO_PLATFORM)],
      databases: [],
    };
  }
  const layoutDir = path.join(workDir, 'layout');
  const checked = prepare({ ...plan.found, targets: plan.targets }, layoutDir);
  let asked: Promise<DatabaseAnswer<TrivyDatabase>> | undefined;
  const once = () => (asked ??= java());
  const scanning = scanAll(plan.targets, { ...place, layoutDir, java: once, ready: checked.ready }, ports);
  // The bytes first: when they are wrong, what a scanner says about them is of no interest.
  const [, { answer, platforms }] = await settled([checked.sound, scanning]);
  const databases = asked === undefined ? [] : [await asked];
  const problems = [...databaseProblems([answer, ...databases]), ...platforms.flatMap((each) => each.problems)];
  return { platforms, problems, databases };
}

interface ScanPlace extends ImageDatabases {
  readonly layoutDir: string;
  readonly ready: Promise<void>;
}

async function scanAll(
  targets: readonly ScanTarget[],
  { database, ready, ...given }: ScanPlace,
  ports: ImageScanPorts,
) {
  const [answer] = await settled([database, ready]);
  const held = answer.database;
  if (held === undefined) return { answer, platforms: [] };
  const { layoutDir } = given;
  const place = { ...given, cacheDir: held.cacheDir };
  const leaders = leadersOf(targets);
  const kept = (digest: Digest) => `${layoutDir}-${hexOf(digest)}.layers`;
  const known = new Map<Digest, Promise<unknown>>();
  const scans = targets.map((target) => {
    const { digest } = target.descriptor;
    const leader = leaders.get(digest);
    const leads = [...leaders.values()].includes(digest);
    const { promise, resolve: onKept } = Promise.withResolvers<void>();
    const layers = { from: leader && kept(leader), ...(leads ? { to: kept(digest), onKept } : {}) };
    const shares = leads || leader !== undefined;
    const run = () => ports.slots.run(() => scanOne(target, { ...place, ...(shares ? { layers } : {}) }, ports));
    const other = leader === undefined ? undefined : known.get(leader);
    const scan = other === undefined ? run() : other.then(run, run);
    // Whatever became of it: without its layers they are analysed again.
    known.set(
      digest,
      Promise.race([promise, scan]).catch(() => {}),
    );
    return scan;
  });
  return { answer, platforms: await settled(scans) };
}

interface Prepared {
  /** The flat layout can be read. */
  readonly ready: Promise<void>;
  /** Every byte was compared with its digest. */
  readonly sound: Promise<void>;
}

/** A layout is checked while it is being scanned; what comes from a registry is checked on arrival. */
function prepare({ content, targets, layoutDir }: PlannedImage & Pick<ScanPlan, 'targets'>, flatDir: string): Prepared {
  if (layoutDir === undefined) {
    const fetched = fetchFlatLayout(content, targets, flatDir);
    return { ready: fetched, sound: fetched };
  }
  // Without a slot: it needs little beside a scanner, and no scanner should wait for it.
  const sound = checkBlobs(content, targets);
  return { ready: flattenLayout(layoutDir, targets, flatDir), sound };
}

async function scanOne(
  target: ScanTarget,
  {
    java,
    ...place
  }: Pick<ScanPlace, 'layoutDir' | 'java' | 'licenceRules' | 'everywhere'> &
    Pick<ImageJob, 'layers'> & { readonly cacheDir: string },
  ports: ImageScanPorts,
): Promise<PlatformScan> {
  const startedAt = ports.clock.now();
  const what = `the ${target.platform} image`;
  const scan = await attempt(what, async () => {
    try {
      return await scanPlatform(target, place, ports);
    } catch (error) {
      if (!needsJavaDatabase(error)) throw error;
      const { database } = await java();
      if (database === undefined) return missing(`${what} holds Java archives`, NO_JAVA);
      return scanPlatform(target, { ...place, javaCacheDir: database.cacheDir }, ports);
    }
  });
  if (!isProblem(scan)) return scan;
  return { target, packages: [], findings: [], problems: [scan], startedAt, finishedAt: ports.clock.now() };
}

const NO_JAVA = 'Name a source of the Java database in the input "trivy-java-db".';
const NO_PLATFORM = 'Scan the digest of an image or of an index with images in it.';
