import { readBytes } from '../../oci/checked-stream.ts';
import type { ContentSource } from '../../oci/content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { pick } from '../../runtime/pick.ts';

/** Bytes; an image's config is a few kilobytes, and a larger one is taken for that of an image, which is then refused. */
const CONFIG_LIMIT = 8 * 1024 * 1024;

/** Whether a container runtime could run what has this config: it lists the layers of a root file system. */
export async function isRunnable(source: ContentSource, config: Descriptor): Promise<boolean> {
  if (config.size > CONFIG_LIMIT) return true;
  const text = (await readBytes(await source.blob(config))).toString('utf8');
  try {
    return pick(JSON.parse(text), 'rootfs') !== undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
