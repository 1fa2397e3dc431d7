import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Finding, FindingPlace, ImagePlace, Instruction } from '../../policy/findings.ts';
import type { TrivyReport } from '../../tools/trivy.ts';
import { type DockerfileStage, parseDockerfile, stagesBelow } from '../dockerfile/stages.ts';
import { instruction, layerOrigins } from './layer-origins.ts';
import { lockfileLine } from './lockfile-lines.ts';
import { barePurl } from './package-url.ts';
import type { ScanTarget } from './targets.ts';

/** The file that the image was built from. */
export interface DockerfileSource {
  /** Absolute. */
  readonly file: string;
  /** The same in the repository, with forward slashes. */
  readonly path: string;
  /** The stage that was built; the last one unless given. */
  readonly target?: string | undefined;
}

/** A Dockerfile as far as the image came from it. */
export interface ReadDockerfile {
  readonly path: string;
  /** The bottom first. */
  readonly stages: readonly DockerfileStage[];
}

/** Bytes. More than this is no file that a person reads. */
const LARGEST = 32 * 1024 * 1024;

/** Nothing where it cannot be read: it only says where to look, and judges nothing. */
export async function readDockerfile(source: DockerfileSource | undefined): Promise<ReadDockerfile | undefined> {
  const text = source === undefined ? undefined : await readText(source.file);
  if (source === undefined || text === undefined) return undefined;
  const stages = stagesBelow(parseDockerfile(text).stages, source.target);
  return stages.length === 0 ? undefined : { path: source.path, stages };
}

/** A platform that was scanned. */
export interface OriginEvidence {
  readonly target: ScanTarget;
  readonly report?: TrivyReport;
}

/** Tells of each place in an image which instruction brought it in. Without a Dockerfile nothing is told. Pure. */
export function withOrigins(
  findings: readonly Finding[],
  dockerfile: ReadDockerfile | undefined,
  platforms: readonly OriginEvidence[],
): readonly Finding[] {
  const from = dockerfile?.stages[0]?.from;
  if (dockerfile === undefined || from === undefined) return findings;
  const base = instruction(from, dockerfile.path);
  const known = platforms.map((each) => layerOrigins(historyOf(each), dockerfile.stages, dockerfile.path));
  const origins = new Map(known.flatMap((each) => [...each]));
  const packages = new Map(platforms.flatMap(({ report }) => packageLayers(report)));
  const originOf = (finding: Finding, place: ImagePlace): Instruction => {
    const purl = 'package' in finding ? finding.package.purl : '';
    const layer = place.layer ?? packages.get(`${purl} ${place.path ?? ''}`);
    return (layer === undefined ? undefined : origins.get(layer)) ?? base;
  };
  return findings.map((finding) => ({
    ...finding,
    places: finding.places.map((place) =>
      place.in === 'image' ? { ...place, origin: originOf(finding, place) } : place,
    ),
  }));
}

function historyOf({ target: { manifest }, report }: OriginEvidence) {
  const { ImageConfig: config, DiffIDs: diffIds = [] } = report?.Metadata ?? {};
  // Trivy names a layer by either.
  const layers = manifest.layers.map(({ digest }, at) => [digest, diffIds[at] ?? digest]);
  return { history: config?.history ?? [], layers };
}

/** Layers by package and path: the other scanner does not say them. */
function packageLayers(report: TrivyReport | undefined): readonly (readonly [string, string])[] {
  return (report?.Results ?? []).flatMap(({ Packages: packages = [], Target: target }) =>
    packages.flatMap(({ Identifier: { PURL: purl } = {}, Layer: layer, FilePath: file }) => {
      const name = layer?.Digest ?? layer?.DiffID;
      if (purl === undefined || name === undefined) return [];
      return [file ?? target, ''].map((place) => [`${barePurl(purl)} ${place}`, name] as const);
    }),
  );
}

/** Tells of each package in a lockfile the line at which it stands. */
export async function atLockfileLines(findings: readonly Finding[], directory: string): Promise<readonly Finding[]> {
  const texts = new Map<string, Promise<readonly string[]>>();
  const linesOf = (file: string) => {
    const read = texts.get(file) ?? readText(path.join(directory, file)).then((text = '') => text.split(/\r?\n/));
    texts.set(file, read);
    return read;
  };
  const known = new Map<string, number | undefined>();
  const at = async (finding: Finding, place: FindingPlace): Promise<FindingPlace> => {
    if (place.in !== 'source' || place.line !== undefined || !('package' in finding)) return place;
    const { name, versions } = finding.package;
    const key = JSON.stringify([place.path, name, versions]);
    if (!known.has(key)) known.set(key, lockfileLine(place.path, await linesOf(place.path), { name, versions }));
    const line = known.get(key);
    return line === undefined ? place : { ...place, line };
  };
  return Promise.all(
    findings.map(async (finding) => ({
      ...finding,
      places: await Promise.all(finding.places.map((place) => at(finding, place))),
    })),
  );
}

async function readText(file: string): Promise<string | undefined> {
  const handle = await open(file).catch(() => undefined);
  try {
    const size = (await handle?.stat())?.size ?? Number.POSITIVE_INFINITY;
    return handle === undefined || size > LARGEST ? undefined : await readFile(handle, 'utf8');
  } catch {
    return undefined;
  } finally {
    await handle?.close();
  }
}
