import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Finding, ImagePlace, VulnerabilityFinding } from '../../policy/findings.ts';
import { pick, pickText } from '../../runtime/pick.ts';
import type { DatabaseAnswer } from './database.ts';
import { type DatabasePorts, databaseProblems, osvDatabases } from './databases.ts';
import type { ImageScanPorts } from './image-scan.ts';
import { readLockfileScan } from './lockfile-scan.ts';
import { arrangeOsvDatabases } from './osv-database.ts';
import { ecosystemOfPurl, osvName } from './package-url.ts';
import type { ScanRequest } from './plan.ts';
import type { ScanProblem } from './problem.ts';
import { packagePaths } from './sbom-paths.ts';
import { attempt, isProblem } from './tool-problem.ts';

/** The packages of one platform, as a CycloneDX document. */
export interface PlatformSbom {
  readonly platform: string;
  readonly document: object;
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
interface Component {
  readonly purl: string;
  readonly ecosystem: string;
  /** As CycloneDX has it. */
  readonly json: unknown;
}

/**
 * The language packages of an image, seen by osv-scanner as well. Packages of the operating system are left to trivy, whose
 * data comes from the distributions themselves and knows what they have decided not to fix.
 */
export async function osvOnImage(
  sboms: readonly PlatformSbom[],
  { request, directory }: Place,
  ports: Ports,
): Promise<ImageOsv> {
  const listed = sboms.map(({ platform, document }) => ({ platform, components: languageComponents(document) }));
  const ecosystems = [...new Set(listed.flatMap(({ components }) => components.map((each) => each.ecosystem)))];
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
  const places = new Map(sboms.map(({ platform, document }) => [platform, packagePaths(document)]));
  const findings = scan.findings.flatMap((each) =>
    each.kind === 'vulnerability' ? inImage(each, platforms, places) : [],
  );
  return { findings, problems: [...problems, ...scan.problems], databases };
}

const NOTHING: ImageOsv = { findings: [], problems: [], databases: [] };

function languageComponents(document: object): readonly Component[] {
  const components = pick(document, 'components');
  return (Array.isArray(components) ? components : []).flatMap((json: unknown): readonly Component[] => {
    const purl = pickText(json, 'purl');
    const ecosystem = purl === undefined ? undefined : ecosystemOfPurl(purl);
    return purl === undefined || ecosystem === undefined ? [] : [{ purl, ecosystem, json }];
  });
}

/** @returns platforms by the names of the files */
async function writeDocuments(
  listed: readonly { readonly platform: string; readonly components: readonly Component[] }[],
  directory: string,
): Promise<ReadonlyMap<string, string>> {
  await mkdir(directory, { recursive: true });
  const names = new Map<string, string>();
  for (const [at, { platform, components }] of listed.entries()) {
    const name = `platform-${at}.cdx.json`;
    names.set(name, platform);
    const document = {
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      version: 1,
      // The scanner reports the name that stands here, and CycloneDX has only the last part of it.
      components: components.map(({ json, purl }) => ({ ...(json as object), group: undefined, name: osvName(purl) })),
    };
    await writeFile(path.join(directory, name), JSON.stringify(document));
  }
  return names;
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
