import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { ContentSource } from '../oci/content.ts';
import type { RepositoryName } from '../oci/reference.ts';
import type { Finding, FindingCounts } from '../policy/findings.ts';
import type { ListedPackage } from '../report/artifact-spdx.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import type { CacheService } from '../github/cache-service.ts';
import type { Http } from '../runtime/http.ts';
import type { Log } from '../runtime/log.ts';
import { Memory } from '../runtime/memory.ts';
import { Slots } from '../runtime/slots.ts';
import type { ReadAttested } from './scan/baselines.ts';
import { composeReport } from './scan/compose.ts';
import { look, notLooked } from './scan/look.ts';
import { DatabaseCache } from './scan/database-cache.ts';
import { type ScanFiles, writeFiles } from './scan/files.ts';
import { foreignSuppressions } from './scan/foreign-suppressions.ts';
import { readDockerfile } from './scan/origins.ts';
import { planScan, type ScanPlan, type ScanRequest } from './scan/plan.ts';
import { isolationProblem } from './scan/isolation-rule.ts';
import { plural } from '../report/wording.ts';
import type { ScanReport } from './scan/report.ts';
import type { Scanners } from './scan/scanners.ts';
import type { BaseLockfiles } from './scan/tree-scan.ts';
import type { ForeignSuppressions } from './scan/trivy-ignore.ts';
import type { Outcome, Verdict } from './scan/verdict.ts';

export type { ScanRequest } from './scan/plan.ts';
export { planScan } from './scan/plan.ts';
export { requirePass } from './scan/exit.ts';

/** Scanners beyond the cores: at its start and its end each waits for a disk, and a core is free meanwhile. */
const WAITING = 2;

/** What a scan touches. */
export interface ScanPorts {
  readonly scanners: Scanners;
  readonly repository: (name: RepositoryName) => ContentSource;
  /** The same with little patience, for database sources with others behind them. */
  readonly hurried?: ((name: RepositoryName) => ContentSource) | undefined;
  readonly http: Http;
  /** Keeps databases between jobs; without it they are downloaded by each job that does not have them. */
  readonly cache?: CacheService | undefined;
  /** Reads what is attested of an image; needed for `from: sbom` and for a baseline. */
  readonly attested?: ReadAttested | undefined;
  /** On pull requests and in merge queues. */
  readonly baseLockfiles?: BaseLockfiles | undefined;
  readonly log: Log;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  /** Scanners that run at a time; two more than there are cores unless given. */
  readonly concurrency?: number;
  /** Where several images of a run are scanned: the source tree is looked at once, and databases are read once. */
  readonly memory?: Memory | undefined;
}

export interface ScanResult {
  readonly outcome: Outcome;
  readonly counts: FindingCounts;
  readonly findings: readonly Finding[];
  readonly report: ScanReport;
  /** Absent when there is no image to say anything about. */
  readonly verdict?: Verdict;
  readonly files: ScanFiles;
  /** What lockfiles name, of the source and of an artifact's files. */
  readonly packages: readonly ListedPackage[];
}

/**
 * Scans every platform of an image and, when given, the source tree it was built from, and judges
 * what was found. All scanners run side by side, once each. Returns for every outcome, so that
 * evidence and reports exist for all of them; `requirePass` turns any but `pass` into a failure.
 *
 * @throws PlimsollError `layout-invalid`, `digest-mismatch`, `manifest-invalid`, what the registry
 *   throws for the image itself, `disk-full`, `cancelled`
 */
export async function scanImage(request: ScanRequest, ports: ScanPorts): Promise<ScanResult> {
  const plan = await planScan(request, ports.repository);
  // Scanners see real paths only.
  const workDir = await mkdtemp(path.join(await realpath(request.tempDir), 'plimsoll-scan-'));
  try {
    await mkdir(request.databases.cacheDir, { recursive: true });
    const databases = { ...request.databases, cacheDir: await realpath(request.databases.cacheDir) };
    return await executeScan(plan, { request: { ...request, databases }, workDir }, ports);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

interface Place {
  readonly request: ScanRequest;
  readonly workDir: string;
}

async function executeScan(plan: ScanPlan, { request, workDir }: Place, given: ScanPorts): Promise<ScanResult> {
  const { clock = systemClock, concurrency = availableParallelism() + WAITING, memory = new Memory(), log } = given;
  const cache = given.cache === undefined ? undefined : new DatabaseCache(given.cache, workDir);
  const ports = { ...given, cache, clock, memory, slots: new Slots(concurrency) };
  const startedAt = clock.now();
  const foreign = foreignRules(plan, request);
  log.info(
    `Scanning ${plan.image}: ${plan.files ? plural(plan.files.length, 'file') : plural(plan.targets.length, 'platform')}, ${plural(plan.lockfiles.length, 'lockfile')}`,
  );
  const forbidden = isolationProblem(given.scanners.isolation, request.policy.rules.isolation);
  const looking = forbidden === undefined ? look(plan, { request, workDir }, ports) : notLooked(forbidden);
  const looked = await thenFinish(looking, cache);
  const { image } = looked;
  const dockerfile = await readDockerfile(request.dockerfile);
  const report = composeReport(
    { plan, request, foreign, dockerfile, ...looked, startedAt, finishedAt: clock.now() },
    given.scanners,
  );
  const { files, verdict } = await writeFiles(report, {
    request,
    platforms: image.platforms,
    osv: image.findings ?? [],
  });
  const { outcome, counts, findings } = report;
  const packages = [...looked.files.packages, ...looked.tree.packages];
  return { outcome, counts, findings, report, files, packages, ...(verdict === undefined ? {} : { verdict }) };
}

/** What was read of the databases is kept whatever came of the scan. */
async function thenFinish<T>(work: T | Promise<T>, cache: DatabaseCache | undefined): Promise<T> {
  try {
    return await work;
  } finally {
    await cache?.finish();
  }
}

/** Read before anything is scanned, so that a mistake in them costs no scan. */
function foreignRules(
  { found, targets, files }: ScanPlan,
  { image: name, ruleFiles = { vex: [] }, sourcePrefix = '' }: ScanRequest,
): ForeignSuppressions {
  const platforms = targets.map(({ platform, descriptor }) => ({ platform, digest: descriptor.digest }));
  // As the places of findings have them; what an archive holds lies below its name.
  const paths = files?.map((file) => path.posix.relative(sourcePrefix, file.name));
  return foreignSuppressions(ruleFiles, {
    name,
    digest: found?.digest,
    platforms,
    files: paths?.flatMap((each) => [each, `${each}/**`]),
  });
}
