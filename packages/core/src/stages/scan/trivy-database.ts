import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as v from 'valibot';
import type { ContentSource } from '../../oci/content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { hexOf } from '../../oci/digest.ts';
import { parseManifest } from '../../oci/manifest.ts';
import { parseReference, type RepositoryName, repositoryLabel } from '../../oci/reference.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import { unpackMembers } from '../../tools/archive.ts';
import type { Database } from './database.ts';
import type { DatabaseCache } from './database-cache.ts';

/** The mirror without rate limits first, as trivy itself does. */
export const TRIVY_DATABASE_SOURCES: readonly string[] = [
  'mirror.gcr.io/aquasec/trivy-db:2',
  'ghcr.io/aquasecurity/trivy-db:2',
  'public.ecr.aws/aquasecurity/trivy-db:2',
];

export const JAVA_DATABASE_SOURCES: readonly string[] = [
  'mirror.gcr.io/aquasec/trivy-java-db:1',
  'ghcr.io/aquasecurity/trivy-java-db:1',
  'public.ecr.aws/aquasecurity/trivy-java-db:1',
];

/** A database that trivy uses, and how it is published. */
export interface TrivyDatabaseKind {
  /** Also the name of the input with its sources. */
  readonly name: 'trivy-db' | 'trivy-java-db';
  readonly layer: string;
  /** Below trivy's cache directory. */
  readonly folder: string;
  readonly file: string;
  /** Milliseconds of age that are fine whatever the policy says. */
  readonly leastAge: number;
}

export const VULNERABILITIES: TrivyDatabaseKind = {
  name: 'trivy-db',
  layer: 'application/vnd.aquasec.trivy.db.layer.v1.tar+gzip',
  folder: 'db',
  file: 'trivy.db',
  leastAge: 0,
};

export const JAVA_ARCHIVES: TrivyDatabaseKind = {
  name: 'trivy-java-db',
  layer: 'application/vnd.aquasec.trivy.javadb.layer.v1.tar+gzip',
  folder: 'java-db',
  file: 'trivy-java.db',
  leastAge: 30 * 24 * 3_600_000,
};

/** On disk: `<cacheDir>/<folder>/{<file>,metadata.json}`, as trivy's `--cache-dir` wants it. */
export interface TrivyDatabase extends Database {
  readonly cacheDir: string;
}

export interface TrivyDatabaseOptions {
  /** Where databases are kept between runs, one directory per digest. */
  readonly cacheDir: string;
  readonly repository: (name: RepositoryName) => ContentSource;
  /** The vulnerability database unless given. */
  readonly kind?: TrivyDatabaseKind;
  /** Asked before the registry's blob is downloaded. */
  readonly cache?: DatabaseCache | undefined;
}

const METADATA = 'metadata.json';
/** Bytes, unpacked. The real one is about 1 GiB; far more than that is not a database. */
const LIMIT = 8 * 1024 ** 3;
const SEAL = 'seal.json';

const metadataSchema = v.object({ UpdatedAt: v.pipe(v.string(), v.isoTimestamp()) });
const sealSchema = v.record(v.string(), v.string());

/**
 * Fetches a database of trivy's by digest (one layer of an OCI artifact) unless this digest is in the
 * cache already. Cached files are hashed again before they are used.
 *
 * @throws PlimsollError what the registry throws, `manifest-invalid`, `digest-mismatch`
 */
export async function fetchTrivyDatabase(source: string, options: TrivyDatabaseOptions): Promise<TrivyDatabase> {
  const { kind = VULNERABILITIES } = options;
  const reference = parseReference(source);
  const repository = options.repository(reference);
  const manifest = await repository.manifest(reference.digest ?? reference.tag ?? 'latest');
  const cacheDir = path.join(options.cacheDir, kind.name, hexOf(manifest.digest));
  const place = { cacheDir, kind };
  if (!(await isSealed(place))) {
    const layer = databaseLayer(parseManifest(manifest), source, kind);
    const stream =
      options.cache === undefined
        ? await repository.blob(layer)
        : createReadStream(await options.cache.blob(layer, kind.name, repository));
    await install(stream, place, source);
    await removeUnused(path.dirname(cacheDir));
  }
  await utimes(cacheDir, new Date(), new Date());
  const metadata = v.parse(
    metadataSchema,
    JSON.parse(await readFile(path.join(cacheDir, kind.folder, METADATA), 'utf8')),
  );
  return {
    name: kind.name,
    source: `${repositoryLabel(reference)}@${manifest.digest}`,
    digest: manifest.digest,
    updatedAt: new Date(metadata.UpdatedAt),
    cacheDir,
  };
}

function databaseLayer(
  manifest: ReturnType<typeof parseManifest>,
  source: string,
  { name, layer: type }: TrivyDatabaseKind,
): Descriptor {
  const layers = manifest.kind === 'image' ? manifest.layers : [];
  const [layer] = layers;
  if (layer?.mediaType === type && layers.length === 1) return layer;
  throw new PlimsollError('manifest-invalid', `${source} is not a ${name}`, {
    hint: `Name an OCI artifact as trivy publishes it, such as ghcr.io/aquasecurity/${name}:${name === 'trivy-db' ? 2 : 1}.`,
  });
}

interface Place {
  readonly cacheDir: string;
  readonly kind: TrivyDatabaseKind;
}

/** Unpacks into a private directory and renames it, so that a run that is killed leaves nothing half done. */
async function install(source: AsyncIterable<Uint8Array>, place: Place, label: string): Promise<void> {
  const { cacheDir, kind } = place;
  const partial = `${cacheDir}.${randomUUID()}`;
  const members = new Map(membersOf(kind).map((member) => [path.basename(member), path.join(partial, member)]));
  try {
    await mkdir(path.join(partial, kind.folder), { recursive: true });
    await unpackMembers({ source, label, members, maxBytes: LIMIT });
    await writeFile(path.join(partial, SEAL), JSON.stringify(await hashMembers({ cacheDir: partial, kind })));
    await rm(cacheDir, { recursive: true, force: true });
    await rename(partial, cacheDir).catch(async (error: unknown) => {
      if (!(await isSealed(place))) throw error; // else another run on this machine was faster
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

function membersOf({ folder, file }: TrivyDatabaseKind): readonly string[] {
  return [`${folder}/${file}`, `${folder}/${METADATA}`];
}

async function hashMembers({ cacheDir, kind }: Place): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const member of membersOf(kind)) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(path.join(cacheDir, member)), hash);
    hashes[member] = hash.digest('hex');
  }
  return hashes;
}

/** True when the files are still those that were unpacked; anything else is fetched again. */
async function isSealed(place: Place): Promise<boolean> {
  try {
    const seal = v.parse(sealSchema, JSON.parse(await readFile(path.join(place.cacheDir, SEAL), 'utf8')));
    const hashes = await hashMembers(place);
    return membersOf(place.kind).every((member) => hashes[member] === seal[member]);
  } catch {
    return false;
  }
}

/** A database is about 1 GiB and a new one comes every six hours: those that nobody used for two days go. */
async function removeUnused(dir: string): Promise<void> {
  const limit = Date.now() - 2 * 24 * 3_600_000;
  for (const name of await readdir(dir)) {
    const found = await stat(path.join(dir, name)).catch(() => undefined);
    if (found !== undefined && found.mtimeMs < limit) await rm(path.join(dir, name), { recursive: true, force: true });
  }
}
