import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Finding } from '../../policy/findings.ts';
import type { ShippedFile } from './artifact.ts';
import { findLockfiles } from './lockfiles.ts';
import { openInPlace, TooMuch, UnpackBudget } from './opened-archive.ts';
import type { PlannedImage, ScanPlan, ScanRequest } from './plan.ts';
import { missing } from './problem.ts';
import type { ScannedFile } from './report.ts';
import { NO_TREE, scanTree, type TreePorts, type TreeScan } from './tree-scan.ts';

/** What was seen in the files of an artifact. */
export interface FileScan extends TreeScan {
  readonly files: readonly ScannedFile[];
}

export const NO_FILES: FileScan = { ...NO_TREE, files: [] };

interface Job {
  readonly plan: ScanPlan;
  readonly request: ScanRequest;
  readonly workDir: string;
}

/**
 * Looks into the files of an artifact that is no image as into a source tree, but everywhere: in what archives hold, and
 * where trivy passes over secrets by the name of a file. The bytes are those of the layers, held against their digests.
 *
 * @throws PlimsollError `digest-mismatch`, `layout-invalid`, and what the registry throws
 */
export async function scanFiles({ plan, request, workDir }: Job, ports: TreePorts): Promise<FileScan> {
  const { found, files = [] } = plan;
  if (found === undefined || files.length === 0) return NO_FILES;
  const source = path.join(workDir, 'files');
  try {
    const written = await writeFiles(found, files, source);
    const { lockfiles } = await findLockfiles(source);
    const ecosystems = [...new Set(lockfiles.map((each) => each.ecosystem))].toSorted();
    const ofFiles = { ...plan, source, lockfiles, ecosystems, sourceScanners: { trivy: true, osv: true } };
    const own = path.join(workDir, 'of-files');
    await mkdir(own);
    const job = { plan: ofFiles, request, workDir: own, everywhere: true };
    const seen = await scanTree(job, { ...ports, baseLockfiles: undefined });
    return { ...seen, findings: seen.findings.map((finding) => inRepository(finding, request)), files: written };
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
    return { ...NO_FILES, problems: [missing(`${plan.image}: ${error.message}`, SMALLER)] };
  }
}

/** One after the other: archives may be large, and the disk is one. */
async function writeFiles({ content }: PlannedImage, files: readonly ShippedFile[], directory: string) {
  const budget = new UnpackBudget();
  const written: ScannedFile[] = [];
  for (const { name, layer } of files) {
    const place = path.join(directory, name);
    await mkdir(path.dirname(place), { recursive: true });
    await pipeline(await content.blob(layer), createWriteStream(place));
    written.push({
      name,
      digest: layer.digest,
      size: layer.size,
      closed: (await openInPlace(place, budget)) === 'closed',
    });
  }
  return written;
}

/** Names are relative to the workspace; the paths of findings are relative to the source. */
function inRepository<F extends Finding>(finding: F, { sourcePrefix = '' }: ScanRequest): F {
  if (sourcePrefix === '') return finding;
  const places = finding.places.map((place) =>
    place.in === 'source' ? { ...place, path: path.posix.relative(sourcePrefix, place.path) } : place,
  );
  return { ...finding, places };
}

const SMALLER = 'Publish it as several artifacts, or without archives in archives.';
