import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ManifestBlob } from '../../oci/content.ts';
import { algorithmOf, type Digest, digestOf, isDigest } from '../../oci/digest.ts';
import type { Log } from '../../runtime/log.ts';
import type { ManifestCache } from './reader.ts';

const FIRST_LINE = 'plimsoll manifests 1';
const LINE_END = 0x0a;

/**
 * Manifests that earlier runs read, from one file. Each is there with its bytes, and only what has the digest
 * that it is filed under is taken, so a file that is torn, old or tampered with can cost reads and nothing else.
 */
export async function loadManifests(file: string, log: Log): Promise<Map<Digest, ManifestBlob>> {
  try {
    return parse(await readFile(file));
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (!absent) log.info(`The cached manifests in ${file} cannot be used, so every manifest is read again`);
    return new Map();
  }
}

/** Keeps those of the listed digests that are known. A cache that cannot be written is no reason to fail. */
export async function saveManifests(
  file: string,
  { cache, digests, log }: { cache: ManifestCache; digests: Iterable<Digest>; log: Log },
): Promise<void> {
  const blobs = [...digests].flatMap((digest) => cache.get(digest) ?? []);
  try {
    await mkdir(path.dirname(file), { recursive: true });
    // Another run may read or write it at the same time.
    const partial = `${file}.${process.pid}`;
    await writeFile(partial, fileOf(blobs));
    await rename(partial, file);
  } catch (error) {
    log.info(`The manifests that were read cannot be kept for the next run: ${(error as Error).message}`);
  }
}

/** `digest length mediaType`, and the bytes on the next line. Not compressed: what stores caches does that. */
function* fileOf(blobs: readonly ManifestBlob[]): Generator<Buffer> {
  yield Buffer.from(`${FIRST_LINE}\n`);
  for (const { digest, mediaType, bytes } of blobs)
    yield Buffer.concat([Buffer.from(`${digest} ${bytes.length} ${mediaType}\n`), bytes, Buffer.from('\n')]);
}

function parse(content: Buffer): Map<Digest, ManifestBlob> {
  const found = new Map<Digest, ManifestBlob>();
  let at = content.indexOf(LINE_END) + 1;
  if (content.toString('utf8', 0, at) !== `${FIRST_LINE}\n`) throw new Error('not a file of manifests');
  while (at > 0 && at < content.length) {
    const end = content.indexOf(LINE_END, at);
    const [digest = '', length = '', ...mediaType] = content.toString('utf8', at, end).split(' ');
    const bytes = content.subarray(end + 1, end + 1 + Number(length));
    if (end === -1 || !isDigest(digest) || digestOf(bytes, algorithmOf(digest)) !== digest) break;
    found.set(digest, { digest, mediaType: mediaType.join(' '), bytes });
    at = end + 1 + bytes.length + 1;
  }
  return found;
}
