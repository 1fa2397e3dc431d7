import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Finding, ImagePlace, VulnerabilityFinding } from '../../policy/findings.ts';
import type { DatabaseAnswer } from './database.ts';
import { type DatabasePorts, databaseProblems, osvDatabases } from './databases.ts';
import type { ImageScanPorts } from './image-scan.ts';
import { readLockfileScan } from './lockfile-scan.ts';
import { arrangeOsvDatabases } from './osv-database.ts';
import type { LocatedPackage } from './located-packages.ts';
import { barePurl, ecosystemOfPurl, osvName, purlForOsv } from './package-url.ts';
import type { ScanRequest } from './plan.ts';
import type { ScanProblem } from './problem.ts';
import { attempt, isProblem } from './tool-problem.ts';

/** What one platform holds. */
export interface PlatformPackages {
  readonly platform: string;
  readonly packages: readonly LocatedPackage[];
}

export interface ImageOsv {
  readonly findings: readonly Finding[];
  readonly problems: readonly ScanProblem[];
  readonly databases: readonly DatabaseAnswer[];
}

interface Place {
  readonly request: ScanRequest;
  /** Only for this. */
  readonly directory: string;
}

type Ports = ImageScanPorts & DatabasePorts;
/**
 * The language packages of an image, seen by osv-scanner as well. Packages of the operating system are left to trivy, whose
 * data comes from the distributions themselves and knows what they have decided not to fix.
 */
export async function osvOnImage(
  held: readonly PlatformPackages[],
  { request, directory }: Place,
  ports: Ports,
): Promise<ImageOsv> {
  const listed = held.map(({ platform, packages }) => ({ platform, packages: packages.filter(isOfLanguage) }));
  const purls = listed.flatMap(({ packages }) => packages.map(({ purl }) => purl));
  const ecosystems = [...new Set(purls.flatMap((purl) => ecosystemOfPurl(purl) ?? []))];
  if (ecosystems.length === 0 || request.sourceScanners?.osv === false) return NOTHING;
  const databases = await osvDatabases(ecosystems.toSorted(), request, ports);
  const [documents, archives] = ['sboms', 'databases'].map((name) => path.join(directory, name)) as [string, string];
  await arrangeOsvDatabases(
    databases.flatMap((answer) => answer.database ?? []),
    archives,
  );
  const platforms = await writeDocuments(listed, documents);
  const run = await ports.slots.run(() =>
    attempt("the image's packages", () => ports.scanners.lockfiles(documents, archives)),
  );
  const problems = databaseProblems(databases);
  if (isProblem(run)) return { findings: [], problems: [...problems, run], databases };
  const absent = databases.filter((answer) => answer.database === undefined).map((answer) => answer.name.slice(4));
  const scan = readLockfileScan(run, { lockfiles: [], directory: documents, absent });
  const places = new Map(listed.map(({ platform, packages }) => [platform, pathsByPurl(packages)]));
  const findings = scan.findings.flatMap((each) =>
    each.kind === 'vulnerability' ? inImage(each, platforms, places) : [],
  );
  return { findings, problems: [...problems, ...scan.problems], databases };
}

const NOTHING: ImageOsv = { findings: [], problems: [], databases: [] };

function isOfLanguage({ purl }: LocatedPackage): boolean {
  return ecosystemOfPurl(purl) !== undefined;
}

/** By package URL without version, as the other scanner names packages. */
function pathsByPurl(packages: readonly LocatedPackage[]): ReadonlyMap<string, readonly string[]> {
  const paths = new Map<string, string[]>();
  for (const { purl, path: place } of packages) {
    const key = barePurl(purl);
    const known = paths.get(key) ?? [];
    paths.set(key, place === undefined || known.includes(place) ? known : [...known, place]);
  }
  return paths;
}

/** @returns platforms by the names of the files */
async function writeDocuments(
  listed: readonly PlatformPackages[],
  directory: string,
): Promise<ReadonlyMap<string, string>> {
  await mkdir(directory, { recursive: true });
  const names = new Map<string, string>();
  for (const [at, { platform, packages }] of listed.entries()) {
    const name = `platform-${at}.cdx.json`;
    names.set(name, platform);
    const document = {
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      version: 1,
      // The scanner reports the name that stands here.
      components: packages.map(componentOf),
    };
    await writeFile(path.join(directory, name), JSON.stringify(document));
  }
  return names;
}

function componentOf({ name: given, version, purl }: LocatedPackage): object {
  const name = osvName(purl, given);
  return { type: 'library', name, version, purl: purlForOsv(purl, name) };
}

function inImage(
  finding: VulnerabilityFinding,
  platforms: ReadonlyMap<string, string>,
  places: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>,
): readonly VulnerabilityFinding[] {
  const seen = finding.places.flatMap((place): readonly ImagePlace[] => {
    const platform = platforms.get(place.path ?? '');
    if (platform === undefined) return [];
    const paths = places.get(platform)?.get(finding.package.purl) ?? [];
    const image = { in: 'image', platforms: [platform] } as const;
    return paths.length === 0 ? [image] : paths.map((each) => ({ ...image, path: each }));
  });
  return seen.length === 0 ? [] : [{ ...finding, places: seen }];
}
