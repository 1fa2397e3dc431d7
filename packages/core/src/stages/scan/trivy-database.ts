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

/** The mirror without rate limits first, as trivy itself does. */
export const TRIVY_DATABASE_SOURCES: readonly string[] = [
  'mirror.gcr.io/aquasec/trivy-db:2',
  'ghcr.io/aquasecurity/trivy-db:2',
  'public.ecr.aws/aquasecurity/trivy-db:2',
];

/** On disk: `<cacheDir>/db/{trivy.db,metadata.json}`, as trivy's `--cache-dir` wants it. */
export interface TrivyDatabase extends Database {
  readonly cacheDir: string;
}

export interface TrivyDatabaseOptions {
  /** Where databases are kept between runs, one directory per digest. */
  readonly cacheDir: string;
  readonly repository: (name: RepositoryName) => ContentSource;
}

const LAYER = 'application/vnd.aquasec.trivy.db.layer.v1.tar+gzip';
const MEMBERS = ['trivy.db', 'metadata.json'] as const;
/** Bytes, unpacked. The real one is about 1 GiB; far more than that is not a database. */
const LIMIT = 8 * 1024 ** 3;
const SEAL = 'seal.json';

const metadataSchema = v.object({ UpdatedAt: v.pipe(v.string(), v.isoTimestamp()) });
const sealSchema = v.record(v.string(), v.string());

/**
 * Fetches trivy's database by digest (one layer of an OCI artifact) unless this digest is in the
 * cache already. Cached files are hashed again before they are used.
 *
 * @throws PlimsollError what the registry throws, `manifest-invalid`, `digest-mismatch`
 */
export async function fetchTrivyDatabase(source: string, options: TrivyDatabaseOptions): Promise<TrivyDatabase> {
  const reference = parseReference(source);
  const repository = options.repository(reference);
  const manifest = await repository.manifest(reference.digest ?? reference.tag ?? 'latest');
  const cacheDir = path.join(options.cacheDir, 'trivy-db', hexOf(manifest.digest));
  if (!(await isSealed(cacheDir))) {
    const stream = await repository.blob(databaseLayer(parseManifest(manifest), source));
    await install(stream, cacheDir, source);
    await removeUnused(path.dirname(cacheDir));
  }
  await utimes(cacheDir, new Date(), new Date());
  const metadata = v.parse(metadataSchema, JSON.parse(await readFile(path.join(cacheDir, 'db/metadata.json'), 'utf8')));
  return {
    name: 'trivy-db',
    source: `${repositoryLabel(reference)}@${manifest.digest}`,
    digest: manifest.digest,
    updatedAt: new Date(metadata.UpdatedAt),
    cacheDir,
  };
}

function databaseLayer(manifest: ReturnType<typeof parseManifest>, source: string): Descriptor {
  const layers = manifest.kind === 'image' ? manifest.layers : [];
  const [layer] = layers;
  if (layer?.mediaType === LAYER && layers.length === 1) return layer;
  throw new PlimsollError('manifest-invalid', `${source} is not a trivy database`, {
    hint: 'Name an OCI artifact as trivy publishes it, such as ghcr.io/aquasecurity/trivy-db:2.',
  });
}

/** Unpacks into a private directory and renames it, so that a run that is killed leaves nothing half done. */
async function install(source: AsyncIterable<Uint8Array>, cacheDir: string, label: string): Promise<void> {
  const partial = `${cacheDir}.${randomUUID()}`;
  const members = new Map(MEMBERS.map((member) => [member, path.join(partial, 'db', member)]));
  try {
    await mkdir(path.join(partial, 'db'), { recursive: true });
    await unpackMembers({ source, label, members, maxBytes: LIMIT });
    await writeFile(path.join(partial, SEAL), JSON.stringify(await hashMembers(partial)));
    await rm(cacheDir, { recursive: true, force: true });
    await rename(partial, cacheDir).catch(async (error: unknown) => {
      if (!(await isSealed(cacheDir))) throw error; // else another run on this machine was faster
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function hashMembers(dir: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const member of MEMBERS) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(path.join(dir, 'db', member)), hash);
    hashes[member] = hash.digest('hex');
  }
  return hashes;
}

/** True when the files are still those that were unpacked; anything else is fetched again. */
async function isSealed(cacheDir: string): Promise<boolean> {
  try {
    const seal = v.parse(sealSchema, JSON.parse(await readFile(path.join(cacheDir, SEAL), 'utf8')));
    const hashes = await hashMembers(cacheDir);
    return MEMBERS.every((member) => hashes[member] === seal[member]);
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
