import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Digest } from '../../oci/digest.ts';
import { sarifLogs } from '../../report/sarif.ts';
import { json, type SbomPaths, type Scanned, writePredicates, writeSboms } from './platform-files.ts';
import { type ScanReport, verdictOf } from './report.ts';
import type { Verdict } from './verdict.ts';

/** Paths of what a scan leaves behind. */
export interface ScanFiles {
  readonly report: string;
  /** As many as GitHub's limits take; nearly always one. */
  readonly sarifs: readonly string[];
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
export async function writeFiles(report: ScanReport, { request, platforms, osv }: Scanned): Promise<Written> {
  const { outputDir } = request;
  await mkdir(outputDir, { recursive: true });
  const predicates = await writePredicates(report, { request, platforms, osv });
  const logs = sarifLogs(report, { sourcePrefix: request.sourcePrefix ?? '' });
  const sarifs = logs.map((_log, at) => path.join(outputDir, at === 0 ? 'scan.sarif' : `scan-${at + 1}.sarif`));
  const files: ScanFiles = {
    report: path.join(outputDir, 'scan-report.json'),
    sarifs,
    predicates: predicates.byDigest,
    sboms: await writeSboms(platforms, request),
  };
  await writeFile(files.report, json(report));
  for (const [at, log] of logs.entries()) await writeFile(sarifs[at] ?? '', json(log));
  const { digest } = report;
  // A pass that rests on an SBOM says nothing of secrets, so it must not be taken for a verdict on the image.
  if (digest === undefined || request.from === 'sbom') return { files };
  const verdict = verdictOf({ ...report, digest }, predicates.byPlatform);
  const verdictFile = path.join(outputDir, 'verdict.json');
  await writeFile(verdictFile, json(verdict));
  return { files: { ...files, verdict: verdictFile }, verdict };
}
