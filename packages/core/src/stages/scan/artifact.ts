import type { ContentSource } from '../../oci/content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { TITLE } from '../../oci/file-set.ts';
import { parseManifest } from '../../oci/manifest.ts';
import { EMPTY, isImageConfigType, isLayerType } from '../../oci/media-types.ts';
import { isRunnable } from './image-config.ts';

/** A file that ships: one layer of an artifact that is no image. */
export interface ShippedFile {
  /** Its title, or its digest where it has none that a file can have. */
  readonly name: string;
  readonly layer: Descriptor;
}

/**
 * The files of an artifact; nothing where the root is an image or an index. What has the config of an image is an image,
 * whatever type it claims, and so is what has layers of a filesystem that no client titled as files: the types of both
 * are free text to a registry. ORAS gives plain files the type of a layer, with a title.
 */
export async function shippedFiles(source: ContentSource, root: Digest): Promise<readonly ShippedFile[] | undefined> {
  const manifest = parseManifest(await source.manifest(root));
  if (manifest.kind === 'index' || isImageConfigType(manifest.config.mediaType)) return undefined;
  const filesystem = manifest.layers.filter((layer) => isLayerType(layer.mediaType));
  if (filesystem.some((layer) => layer.annotations?.[TITLE] === undefined)) return undefined;
  if (filesystem.length > 0 && manifest.config.mediaType !== EMPTY && (await isRunnable(source, manifest.config))) {
    return undefined;
  }
  const layers = [...new Map(manifest.layers.map((layer) => [layer.digest, layer])).values()];
  const taken = new Set<string>();
  return layers.map((layer) => {
    const title = layer.annotations?.[TITLE] ?? '';
    const name = isFileName(title) && !clashes(title, taken) ? title : layer.digest.replace(':', '-');
    taken.add(name);
    return { name, layer };
  });
}

/** Anybody may have written it. */
function isFileName(title: string): boolean {
  const parts = title.split('/');
  return !/[\\\0]/.test(title) && title.length < 1000 && parts.every((part) => !['', '.', '..'].includes(part));
}

function clashes(title: string, taken: ReadonlySet<string>): boolean {
  return [...taken].some((other) => `${other}/`.startsWith(`${title}/`) || `${title}/`.startsWith(`${other}/`));
}
