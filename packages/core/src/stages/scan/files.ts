import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Digest } from '../../oci/digest.ts';
import { sarifLog } from '../../report/sarif.ts';
import type { ScanPlan, ScanRequest } from './plan.ts';
import type { PlatformScan } from './platform-scan.ts';
import { json, type SbomPaths, writePredicates, writeSboms } from './platform-files.ts';
import { type ScanReport, verdictOf } from './report.ts';
import type { Verdict } from './verdict.ts';

/** Paths of what a scan leaves behind. */
export interface ScanFiles {
  readonly report: string;
  readonly sarif: string;
  /** SPDX and CycloneDX of each platform that was scanned. */
  readonly sboms: Readonly<Record<string, SbomPaths>>;
  /** Absent when there is no image to say anything about. */
  readonly verdict?: string;
  /** cosign vulnerability predicates, by the digest of the platform's manifest. */
  readonly predicates: ReadonlyMap<Digest, string>;
}

interface Written {
  readonly files: ScanFiles;
  readonly verdict?: Verdict;
}

/** Writes report, SARIF, one predicate per scanned platform, and the verdict that names those by hash. */
export async function writeFiles(
  report: ScanReport,
  { request, plan, platforms }: { request: ScanRequest; plan: ScanPlan; platforms: readonly PlatformScan[] },
): Promise<Written> {
  const { outputDir } = request;
  await mkdir(outputDir, { recursive: true });
  const predicates = await writePredicates(report, { request, platforms });
  const files: ScanFiles = {
    report: path.join(outputDir, 'scan-report.json'),
    sarif: path.join(outputDir, 'scan.sarif'),
    predicates: predicates.byDigest,
    sboms: await writeSboms(platforms, request),
  };
  const places = {
    sourcePrefix: request.sourcePrefix ?? '',
    imageOrigin: await imageOrigin(plan.source, request.sourcePrefix),
  };
  await writeFile(files.report, json(report));
  await writeFile(files.sarif, json(sarifLog(report, places)));
  const { digest } = report;
  // A pass that rests on an SBOM says nothing of secrets, so it must not be taken for a verdict on the image.
  if (digest === undefined || request.from === 'sbom') return { files };
  const verdict = verdictOf({ ...report, digest }, predicates.byPlatform);
  const verdictFile = path.join(outputDir, 'verdict.json');
  await writeFile(verdictFile, json(verdict));
  return { files: { ...files, verdict: verdictFile }, verdict };
}

/** The last `FROM` of the tree's Dockerfile, where alerts about the image's own packages are shown. */
async function imageOrigin(
  source: string | undefined,
  prefix = '',
): Promise<{ path: string; line: number } | undefined> {
  if (source === undefined) return undefined;
  for (const name of ['Dockerfile', 'Containerfile']) {
    const file = path.join(source, name);
    if (!(await exists(file))) continue;
    const lines = (await readFile(file, 'utf8')).split('\n');
    const line = lines.findLastIndex((text) => /^\s*FROM\s/i.test(text)) + 1;
    return { path: prefix === '' ? name : `${prefix}/${name}`, line: Math.max(1, line) };
  }
  return undefined;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
