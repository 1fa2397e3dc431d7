import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { artifactManifest } from './artifact-manifest.ts';
import type { Descriptor } from './descriptor.ts';
import { archiveDirectory } from './directory-archive.ts';
import { digestOfFile } from './file-artifact.ts';
import type { LayoutTarget } from './layout-target.ts';
import { descriptorOf } from './manifest.ts';
import { NOTHING, putBytes } from './referrers.ts';

/** A file or a directory that is to become a layer. */
export interface FilePart {
  /** The name under which it is found in the artifact; relative, with forward slashes. */
  readonly title: string;
  /** Where it is: absolute, without symbolic links. */
  readonly path: string;
  readonly isDirectory: boolean;
  /** As it was given; what oras takes when nothing was. */
  readonly mediaType?: string | undefined;
}

export interface FileSet {
  readonly artifactType: string;
  readonly files: readonly FilePart[];
  readonly annotations: Readonly<Record<string, string>>;
  /** The time of what is in packed directories. */
  readonly modified: Date;
}

/** The name of a layer's file (image-spec annotations.md). */
export const TITLE = 'org.opencontainers.image.title';
/** What oras writes on a directory, and unpacks by (oras-go, content/file). */
export const UNPACK = 'io.deis.oras.content.unpack';
const CONTENT_DIGEST = 'io.deis.oras.content.digest';
const FILE_TYPE = 'application/vnd.oci.image.layer.v1.tar';
const DIRECTORY_TYPE = 'application/vnd.oci.image.layer.v1.tar+gzip';

/**
 * Writes files as an artifact into a layout, in the form that `oras push` gives it, so that `oras pull` writes the same
 * files again. The same files with the same modified time and annotations have the same digest.
 *
 * @returns the manifest, and the layers in the order of the files
 * @throws PlimsollError `digest-mismatch` for a file that changes meanwhile, `input-invalid` for a directory that
 *   cannot be packed, `disk-full`
 */
export async function writeFileSet(
  target: LayoutTarget,
  { artifactType, files, annotations, modified }: FileSet,
): Promise<{ readonly root: Descriptor; readonly layers: readonly Descriptor[] }> {
  await putBytes(target, NOTHING);
  const layers: Descriptor[] = [];
  for (const part of files)
    layers.push(part.isDirectory ? await putDirectory(target, part, modified) : await putFile(target, part));
  const manifest = artifactManifest({ artifactType, layers, annotations });
  await target.putManifest(manifest);
  const root = descriptorOf(manifest);
  await target.list(root);
  return { root, layers };
}

async function putFile(target: LayoutTarget, { path: file, title, mediaType = FILE_TYPE }: FilePart) {
  return put(target, file, { mediaType, annotations: { [TITLE]: title } });
}

async function putDirectory(target: LayoutTarget, part: FilePart, modified: Date): Promise<Descriptor> {
  const { path: directory, title, mediaType = DIRECTORY_TYPE } = part;
  const file = `${target.directory}.${process.pid}.tar.gz`;
  try {
    const digest = await archiveDirectory({ directory, name: title, modified, file });
    const annotations = { [CONTENT_DIGEST]: digest, [UNPACK]: 'true', [TITLE]: title };
    return await put(target, file, { mediaType, annotations });
  } finally {
    await rm(file, { force: true });
  }
}

/** The bytes are held against their digest on the way: a file that is still being written is no content. */
async function put(
  target: LayoutTarget,
  file: string,
  { mediaType, annotations }: Required<Pick<Descriptor, 'mediaType' | 'annotations'>>,
): Promise<Descriptor> {
  const layer = { mediaType, digest: await digestOfFile(file), size: (await stat(file)).size, annotations };
  await target.putBlob(layer, () => Promise.resolve(createReadStream(file)));
  return layer;
}
