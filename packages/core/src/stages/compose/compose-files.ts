import { stat } from 'node:fs/promises';
import path from 'node:path';

/** What docker compose reads when nobody names a file, in its order. */
const NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

/**
 * The compose files at the top of a checkout, and in the directory that an image is built from; whoever wants one checked
 * passes it as `compose-file`.
 * @param context absolute; left out where it is no directory of the checkout
 * @returns paths from the top of the checkout
 */
export async function findComposeFiles(workspace: string, context: string): Promise<readonly string[]> {
  const inside = !path.relative(workspace, context).startsWith('..');
  const directories = [...new Set([workspace, ...(inside ? [context] : [])])];
  const places = directories.flatMap((directory) => NAMES.map((name) => path.join(directory, name)));
  const there = await Promise.all(places.map(isFile));
  return places.flatMap((place, index) =>
    there[index] ? [path.relative(workspace, place).replaceAll(path.sep, '/')] : [],
  );
}

async function isFile(place: string): Promise<boolean> {
  const found = await stat(place).catch(() => undefined);
  return found?.isFile() ?? false;
}
