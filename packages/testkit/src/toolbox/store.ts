import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { isAlive } from './lock.ts';

/** What decides whether a stored program may be used: its name, version and everything that made it. */
export interface ToolIdentity {
  readonly name: string;
  /** Without a leading `v`. */
  readonly version: string;
  readonly madeBy: unknown;
}

const TEMPORARY = '.making-';

/** `${XDG_CACHE_HOME:-~/.cache}/plimsoll/tools` */
export function toolsDir(env: NodeJS.ProcessEnv): string {
  const cache = env['XDG_CACHE_HOME'];
  return path.join(cache === undefined || cache === '' ? path.join(homedir(), '.cache') : cache, 'plimsoll', 'tools');
}

/** The directory of one program; it exists only when the program in it is complete. */
export function toolHome(root: string, { name, version, madeBy }: ToolIdentity): string {
  const recipe = JSON.stringify([madeBy, process.platform, process.arch]);
  const key = createHash('sha256').update(recipe).digest('hex').slice(0, 12);
  return path.join(root, `${name}-${version}-${key}`);
}

export async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Fills a directory completely or not at all: `make` works beside it, and a rename puts it in place. */
export async function makeDirectory(home: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const root = path.dirname(home);
  await mkdir(root, { recursive: true });
  const temporary = await mkdtemp(path.join(root, `${TEMPORARY}${process.pid}-`));
  try {
    await make(temporary);
    await rm(home, { recursive: true, force: true });
    await rename(temporary, home);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Removes what builders left that were killed half-way. */
export async function removeLeftovers(root: string): Promise<void> {
  const entries = await readdir(root).catch(() => []);
  for (const entry of entries.filter((name) => name.startsWith(TEMPORARY))) {
    const pid = Number(entry.slice(TEMPORARY.length).split('-')[0]);
    if (!isAlive(pid)) await rm(path.join(root, entry), { recursive: true, force: true });
  }
}
