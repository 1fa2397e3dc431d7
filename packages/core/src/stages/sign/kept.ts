import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const BUNDLE_FILE = /\.sigstore\.json$/;

/**
 * Bundles that an earlier run made and could not attach. Nothing is believed of them: they are proven like
 * those of the registry, and count only where they say exactly what is to be said now.
 *
 * @param directories one that does not exist has none
 */
export async function keptBundles(directories: readonly string[]): Promise<readonly Buffer[]> {
  const listed = await Promise.all(directories.map(filesIn));
  return Promise.all(listed.flat().map((file) => readFile(file)));
}

async function filesIn(directory: string): Promise<readonly string[]> {
  try {
    const names = await readdir(directory);
    return names.filter((name) => BUNDLE_FILE.test(name)).map((name) => path.join(directory, name));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
