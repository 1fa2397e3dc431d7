import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';

/** Where what trivy knows of layers is kept, as a file; it is locked while it is used, so every run has a copy. */
export interface LayerCache {
  /** From another platform; nothing when that left none. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Called when it is there, or will not come: whoever waits for it need not wait for the rest of the run. */
  readonly onKept?: (() => void) | undefined;
}

/** In trivy's cache directory. */
const LAYERS = path.join('fanal', 'fanal.db');

/** Gives a run what another one left. @param dir trivy's cache directory */
export async function takeLayers(dir: string, layers: LayerCache | undefined): Promise<void> {
  if (layers?.from === undefined) return;
  await mkdir(path.join(dir, path.dirname(LAYERS)), { recursive: true });
  await copyUnlessAbsent(layers.from, path.join(dir, LAYERS));
}

/** Keeps what a run knows. @param dir trivy's cache directory */
export async function keepLayers(dir: string, layers: LayerCache | undefined): Promise<void> {
  if (layers?.to !== undefined) await copyUnlessAbsent(path.join(dir, LAYERS), layers.to);
  layers?.onKept?.();
}

/** Without it the layers are analysed again. */
async function copyUnlessAbsent(from: string, to: string): Promise<void> {
  await copyFile(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
