import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Digest, digestOf } from '../../oci/digest.ts';
import type { Finding } from '../../policy/findings.ts';
import { withOsvResults } from './osv-results.ts';
import { packageBill } from './package-bill.ts';
import { billCycloneDx } from '../../report/bill-cyclonedx.ts';
import { billSpdx } from '../../report/bill-spdx.ts';
import type { ScanRequest } from './plan.ts';
import type { PlatformScan } from './platform-scan.ts';
import { type PredicateFacts, vulnPredicate } from './predicate.ts';
import type { PlatformPredicates, ScanReport } from './report.ts';
import { vulnsPredicate } from './vulns-predicate.ts';

/** Paths of the SBOMs of one platform. */
export interface SbomPaths {
  readonly spdx: string;
  readonly cyclonedx: string;
}

export interface Scanned {
  readonly request: ScanRequest;
  readonly platforms: readonly PlatformScan[];
  /** What osv-scanner saw on them. */
  readonly osv: readonly Finding[];
}

/** Both predicates of every platform that was scanned. */
export async function writePredicates(report: ScanReport, { request, platforms, osv }: Scanned) {
  const byPlatform = new Map<string, PlatformPredicates>();
  const byDigest = new Map<Digest, string>();
  for (const scan of platforms) {
    if (scan.report === undefined) continue;
    const { platform, descriptor } = scan.target;
    const seen = withOsvResults(scan.report, osv, platform);
    const facts = factsOf(report, scan, request);
    const put = (kind: string, content: object) => write(`${kind}-${fileName(platform)}.json`, content, request);
    const vuln = await put('vuln', vulnPredicate(seen, facts));
    const vulns = await put('vulns', vulnsPredicate(seen, facts));
    byPlatform.set(platform, { vulnPredicate: vuln, vulnsPredicate: vulns });
    byDigest.set(descriptor.digest, path.join(request.outputDir, vuln.file));
  }
  return { byPlatform, byDigest };
}

function factsOf({ tools, databases }: ScanReport, { startedAt, finishedAt }: PlatformScan, request: ScanRequest) {
  const facts: PredicateFacts = {
    trivyVersion: tools.find(({ name }) => name === 'trivy')?.version ?? '',
    database: databases.find(({ name }) => name === 'trivy-db')?.database,
    startedAt,
    finishedAt,
    runUrl: request.runUrl,
    artifactName: request.image,
  };
  return facts;
}

async function write(file: string, content: object, { outputDir }: ScanRequest) {
  const bytes = Buffer.from(json(content));
  await writeFile(path.join(outputDir, file), bytes);
  return { file, digest: digestOf(bytes) };
}

/** SPDX and CycloneDX of every platform whose layers were read. */
export async function writeSboms(
  platforms: readonly PlatformScan[],
  { outputDir, image }: ScanRequest,
): Promise<Record<string, SbomPaths>> {
  const written: Record<string, SbomPaths> = {};
  for (const { target, report, finishedAt } of platforms) {
    if (report === undefined) continue;
    const bill = packageBill(report, { name: image, digest: target.descriptor.digest }, finishedAt);
    const base = path.join(outputDir, `sbom-${fileName(target.platform)}`);
    const paths = { spdx: `${base}.spdx.json`, cyclonedx: `${base}.cdx.json` };
    await writeFile(paths.spdx, json(billSpdx(bill)));
    await writeFile(paths.cyclonedx, json(billCycloneDx(bill)));
    written[target.platform] = paths;
  }
  return written;
}

function fileName(platform: string): string {
  return platform.replaceAll(/[^\w.-]+/g, '-');
}

/** As every file of a scan is written. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
