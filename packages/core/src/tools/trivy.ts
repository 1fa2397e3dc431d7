import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { Digest } from '../oci/digest.ts';
import { PlimsollError } from '../runtime/errors.ts';
import { keepLayers, type LayerCache, takeLayers } from './layer-cache.ts';
import { inPrivateDirectory } from './private-directory.ts';
import type { ScannerPorts } from './scanner-ports.ts';
import { rulesForAll } from './secret-rules.ts';
import { runScanner } from './scanner-run.ts';
import { readToolJson } from './tool-json.ts';
import { type TrivyReport, trivyReport } from './trivy-report.ts';

export type { TrivyReport, TrivyResult } from './trivy-report.ts';

/** A report of trivy, and what it complained about beside it. */
export interface TrivyRun {
  readonly report: TrivyReport;
  readonly warnings: readonly string[];
}

export interface ImageScan extends ScannerPorts {
  /** A layout whose own index.json lists the manifest: trivy finds no manifest behind a nested index. */
  readonly layoutDir: string;
  /** The platform's manifest. */
  readonly digest: Digest;
  /** Holds `db/trivy.db` and `db/metadata.json`; only read. */
  readonly cacheDir: string;
  /** Holds `java-db/trivy-java.db` and `java-db/metadata.json`; only read, and only needed for Java archives. */
  readonly javaCacheDir?: string | undefined;
  /** Whether licences are looked for as well. */
  readonly licences?: boolean | undefined;
  /** Whether secrets are looked for in files too whose names trivy passes over, such as those of tests. */
  readonly everywhere?: boolean | undefined;
  /** Nothing is kept unless given. */
  readonly layers?: LayerCache | undefined;
}

export interface SourceScan extends ScannerPorts {
  readonly directory: string;
  /** Whether licences of what lockfiles name are looked for as well. */
  readonly licences?: boolean | undefined;
  /** Whether secrets are looked for in files too whose names trivy passes over, such as those of tests. */
  readonly everywhere?: boolean | undefined;
}

/** Nothing is dialled, nothing is asked for, and nothing around the scanned content has a say. */
const HERMETIC = ['--cache-backend', 'memory', '--skip-check-update', '--offline-scan', '--skip-version-check'];
/** The same with a cache in its own directory, which others get a copy of. */
const HERMETIC_KEEPING = ['--cache-backend', 'fs', ...HERMETIC.slice(2)];
/** There are no checks in an SBOM, so trivy has no option against updating them. */
const HERMETIC_SBOM = HERMETIC.filter((option) => option !== '--skip-check-update');
const OUTPUT = ['--disable-telemetry', '--no-progress', '--show-suppressed', '--format', 'json'];
const CACHE = 'cache';
const TIMEOUT_MS = 15 * 60_000;
/** The embedded checks are what is wanted, so falling back to them is no complaint. */
const EXPECTED = /Falling back to embedded checks/;

/**
 * Packages, vulnerabilities and secrets of one platform of an image, from its layout.
 *
 * @throws PlimsollError `tool-failed`, `tool-timeout`, `tool-output-invalid`, `disk-full`, `cancelled`
 */
export function scanImagePlatform(scan: ImageScan): Promise<TrivyRun> {
  return inPrivateDirectory(scan.tempDir, async (dir) => {
    const layoutDir = path.resolve(scan.layoutDir);
    const databases = await linkDatabases(dir, scan);
    // Trivy cuts a path at its first `@` or `:`, so it gets a name of ours relative to its working directory.
    await symlink(layoutDir, path.join(dir, 'layout'));
    const what = ['--input', `layout@${scan.digest}`, '--list-all-pkgs', '--scanners', scanners(scan, 'vuln,secret')];
    const offline = ['--image-config-scanners', 'secret', '--skip-db-update', '--skip-java-db-update'];
    const rules = await secretRules(scan, dir);
    // The blobs of a flat layout are a link to those of the layout that it was made of.
    const reads = [layoutDir, path.join(layoutDir, 'blobs'), ...databases];
    const hermetic = scan.layers === undefined ? HERMETIC : HERMETIC_KEEPING;
    await takeLayers(path.join(dir, CACHE), scan.layers);
    const run = await execute(scan, dir, { args: ['image', ...what, ...rules, ...offline], reads, hermetic });
    await keepLayers(path.join(dir, CACHE), scan.layers);
    return run;
  });
}

/** Secrets and misconfiguration of a source tree, by the checks that are embedded in trivy. Throws as above. */
export function scanSource(scan: SourceScan): Promise<TrivyRun> {
  return inPrivateDirectory(scan.tempDir, async (dir) => {
    const directory = path.resolve(scan.directory);
    const what = ['--list-all-pkgs', '--scanners', scanners(scan, 'secret,misconfig')];
    const args = ['fs', ...what, ...(await secretRules(scan, dir)), directory];
    return execute(scan, dir, { args, reads: [directory] });
  });
}

async function secretRules({ everywhere = false }: Pick<SourceScan, 'everywhere'>, dir: string): Promise<string[]> {
  return everywhere ? ['--secret-config', await rulesForAll(dir)] : [];
}

function scanners({ licences = false }: { readonly licences?: boolean | undefined }, always: string): string {
  return licences ? `${always},license` : always;
}

export interface SbomScan extends ScannerPorts {
  /** CycloneDX. */
  readonly file: string;
  /** Holds `db/trivy.db` and `db/metadata.json`; only read. */
  readonly cacheDir: string;
  readonly licences?: boolean | undefined;
}

/** Vulnerabilities of the packages in an SBOM. Throws as above. */
export function scanSbom(scan: SbomScan): Promise<TrivyRun> {
  return inPrivateDirectory(scan.tempDir, async (dir) => {
    const databases = await linkDatabases(dir, scan);
    const file = path.resolve(scan.file);
    await symlink(file, path.join(dir, 'sbom.cdx.json'));
    const what = ['sbom', 'sbom.cdx.json', '--list-all-pkgs', '--scanners', scanners(scan, 'vuln')];
    const args = [...what, '--skip-db-update', '--skip-java-db-update'];
    return execute(scan, dir, { args, reads: [file, ...databases], hermetic: HERMETIC_SBOM });
  });
}

/** A cache directory of its own for each run, so that nothing is shared but the databases, which are only read. */
async function linkDatabases(
  dir: string,
  { cacheDir, javaCacheDir }: Pick<ImageScan, 'cacheDir' | 'javaCacheDir'>,
): Promise<readonly string[]> {
  await mkdir(path.join(dir, CACHE));
  const places = [path.join(path.resolve(cacheDir), 'db')];
  if (javaCacheDir !== undefined) places.push(path.join(path.resolve(javaCacheDir), 'java-db'));
  for (const place of places) await symlink(place, path.join(dir, CACHE, path.basename(place)));
  return places;
}

interface Invocation {
  readonly args: readonly string[];
  readonly reads: readonly string[];
  readonly hermetic?: readonly string[];
}

async function execute(
  scan: ScannerPorts,
  dir: string,
  { args, reads, hermetic = HERMETIC }: Invocation,
): Promise<TrivyRun> {
  const file = path.join(dir, 'report.json');
  const timeoutMs = scan.timeoutMs ?? TIMEOUT_MS;
  const limits = ['--timeout', `${Math.ceil(timeoutMs / 1000)}s`, '-o', file];
  const common = ['--cache-dir', path.join(dir, CACHE), '--config', '/dev/null'];
  const warnings: string[] = [];
  await runScanner(scan, {
    tool: 'trivy',
    args: [...common, ...args, ...hermetic, ...OUTPUT, ...limits],
    dir,
    reads,
    // Trivy ends by itself when its time is up and says what it was doing; this is for when it does not.
    timeoutMs: timeoutMs + 30_000,
    onLine: (line) => {
      scan.log.debug(`trivy: ${line}`);
      const complaint = /^\S+\t(?:WARN|ERROR)\t(.*)$/.exec(line)?.[1];
      if (complaint !== undefined && !EXPECTED.test(complaint)) warnings.push(complaint);
    },
  });
  return { report: await readReport(file), warnings };
}

async function readReport(file: string): Promise<TrivyReport> {
  const found = await readToolJson('trivy', file, trivyReport);
  if (found !== undefined) return found;
  throw new PlimsollError('tool-output-invalid', 'trivy ended well but wrote no report', {
    hint: 'Use the version of trivy that the catalog pins.',
  });
}
