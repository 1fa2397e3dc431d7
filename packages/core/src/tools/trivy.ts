import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import type { Digest } from '../oci/digest.ts';
import { PlimsollError } from '../runtime/errors.ts';
import { inPrivateDirectory } from './private-directory.ts';
import type { ScannerPorts } from './scanner-ports.ts';
import { runScanner } from './scanner-run.ts';
import { readToolJson } from './tool-json.ts';

const text = () => v.exactOptional(v.string());
const number = () => v.exactOptional(v.number());
const list = <S extends v.GenericSchema>(item: S) => v.exactOptional(v.array(item));
const layer = () => v.exactOptional(v.object({ Digest: text(), DiffID: text() }));

const vulnerability = v.object({
  VulnerabilityID: v.string(),
  VendorIDs: list(v.string()),
  PkgID: text(),
  PkgName: v.string(),
  PkgPath: text(),
  PkgIdentifier: v.exactOptional(v.object({ PURL: text(), UID: text() })),
  InstalledVersion: text(),
  FixedVersion: text(),
  Status: text(),
  Layer: layer(),
  SeveritySource: text(),
  PrimaryURL: text(),
  DataSource: v.exactOptional(v.object({ ID: text(), Name: text(), URL: text() })),
  Title: text(),
  Description: text(),
  Severity: text(),
  CweIDs: list(v.string()),
  CVSS: v.exactOptional(v.record(v.string(), v.looseObject({}))),
  References: list(v.string()),
  PublishedDate: text(),
  LastModifiedDate: text(),
});

const secret = v.object({
  RuleID: v.string(),
  Category: text(),
  Severity: text(),
  Title: text(),
  StartLine: number(),
  EndLine: number(),
  Match: text(),
  Layer: layer(),
});

const misconfiguration = v.object({
  Type: text(),
  ID: v.string(),
  AVDID: text(),
  Title: text(),
  Description: text(),
  Message: text(),
  Resolution: text(),
  Severity: text(),
  PrimaryURL: text(),
  Status: text(),
  CauseMetadata: v.exactOptional(v.object({ Resource: text(), StartLine: number(), EndLine: number() })),
});

const result = v.object({
  Target: v.string(),
  Class: text(),
  Type: text(),
  Packages: list(
    v.object({
      ID: text(),
      Name: text(),
      Version: text(),
      FilePath: text(),
      Identifier: v.exactOptional(v.object({ PURL: text() })),
      Licenses: list(v.string()),
    }),
  ),
  Vulnerabilities: list(vulnerability),
  Misconfigurations: list(misconfiguration),
  Secrets: list(secret),
});

const report = v.object({
  SchemaVersion: v.literal(2),
  Trivy: v.exactOptional(v.object({ Version: text() })),
  CreatedAt: text(),
  ArtifactName: text(),
  ArtifactType: text(),
  Metadata: v.exactOptional(
    v.object({
      OS: v.exactOptional(v.object({ Family: text(), Name: text(), EOSL: v.exactOptional(v.boolean()) })),
      ImageID: text(),
      DiffIDs: list(v.string()),
    }),
  ),
  Results: list(result),
});

/** The part of trivy's JSON report (schema version 2) that is used. */
export type TrivyReport = v.InferOutput<typeof report>;
export type TrivyResult = v.InferOutput<typeof result>;

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
}

export interface SourceScan extends ScannerPorts {
  readonly directory: string;
  /** Whether licences of what lockfiles name are looked for as well. */
  readonly licences?: boolean | undefined;
}

/** Nothing is dialled, nothing is asked for, and nothing around the scanned content has a say. */
const HERMETIC = ['--cache-backend', 'memory', '--skip-check-update', '--offline-scan', '--skip-version-check'];
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
    // The blobs of a flat layout are a link to those of the layout that it was made of.
    const reads = [layoutDir, path.join(layoutDir, 'blobs'), ...databases];
    return execute(scan, dir, { args: ['image', ...what, ...offline], reads });
  });
}

/** Secrets and misconfiguration of a source tree, by the checks that are embedded in trivy. Throws as above. */
export function scanSource(scan: SourceScan): Promise<TrivyRun> {
  return inPrivateDirectory(scan.tempDir, (dir) => {
    const directory = path.resolve(scan.directory);
    const what = ['--list-all-pkgs', '--scanners', scanners(scan, 'secret,misconfig')];
    return execute(scan, dir, { args: ['fs', ...what, directory], reads: [directory] });
  });
}

function scanners({ licences = false }: { readonly licences?: boolean | undefined }, always: string): string {
  return licences ? `${always},license` : always;
}

/** A cache directory of its own for each run, so that nothing is shared but the databases, which are only read. */
async function linkDatabases(dir: string, { cacheDir, javaCacheDir }: ImageScan): Promise<readonly string[]> {
  await mkdir(path.join(dir, CACHE));
  const places = [path.join(path.resolve(cacheDir), 'db')];
  if (javaCacheDir !== undefined) places.push(path.join(path.resolve(javaCacheDir), 'java-db'));
  for (const place of places) await symlink(place, path.join(dir, CACHE, path.basename(place)));
  return places;
}

interface Invocation {
  readonly args: readonly string[];
  readonly reads: readonly string[];
}

async function execute(scan: ScannerPorts, dir: string, { args, reads }: Invocation): Promise<TrivyRun> {
  const file = path.join(dir, 'report.json');
  const timeoutMs = scan.timeoutMs ?? TIMEOUT_MS;
  const limits = ['--timeout', `${Math.ceil(timeoutMs / 1000)}s`, '-o', file];
  const common = ['--cache-dir', path.join(dir, CACHE), '--config', '/dev/null'];
  const warnings: string[] = [];
  await runScanner(scan, {
    tool: 'trivy',
    args: [...common, ...args, ...HERMETIC, ...OUTPUT, ...limits],
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
  const found = await readToolJson('trivy', file, report);
  if (found !== undefined) return found;
  throw new PlimsollError('tool-output-invalid', 'trivy ended well but wrote no report', {
    hint: 'Use the version of trivy that the catalog pins.',
  });
}
