import { link, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hexOf } from './digest.ts';
import { type Layout, openLayout } from './layout.ts';
import { mergedIndex } from './merged-image.ts';
import { descriptorOf } from './manifest.ts';
import { platformsOf } from './platforms.ts';

/**
 * One layout of several with different platforms, in a directory that does not exist yet. The content is linked, not
 * copied; what is in both is there once.
 *
 * @throws PlimsollError `layout-invalid`, `manifest-invalid`
 */
export async function joinLayouts(
  layouts: readonly Layout[],
  annotations: Readonly<Record<string, string>>,
  destination: string,
): Promise<void> {
  const platforms = await Promise.all(layouts.map((layout) => platformsOf(layout, layout.root.digest)));
  const index = mergedIndex(platforms.flat(), annotations);
  const blobs = path.join(destination, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  for (const { directory } of layouts) await linkAll(path.join(directory, 'blobs', 'sha256'), blobs);
  await writeFile(path.join(blobs, hexOf(index.digest)), index.bytes);
  await writeFile(path.join(destination, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await writeFile(
    path.join(destination, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [descriptorOf(index)] }),
  );
  await openLayout(destination);
}

async function linkAll(from: string, to: string): Promise<void> {
  for (const name of await readdir(from)) {
    await link(path.join(from, name), path.join(to, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}
