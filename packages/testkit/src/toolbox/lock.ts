import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const HEARTBEAT_MS = 5_000;
const STALE_MS = 60_000;
const POLL_MS = 200;

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once when somebody else holds the lock. */
  readonly onWait?: () => void;
}

/**
 * Runs `body` while holding a directory as a lock between processes. A holder that was killed is noticed by its
 * process id, or by the age of the lock where its process cannot be seen.
 */
export async function withLock<T>(lockDir: string, options: LockOptions, body: () => Promise<T>): Promise<T> {
  await mkdir(path.dirname(lockDir), { recursive: true });
  for (let tries = 0; !(await take(lockDir)); tries++) {
    if (await isAbandoned(lockDir)) {
      await remove(lockDir);
      continue;
    }
    if (tries === 0) options.onWait?.();
    await delay(POLL_MS, undefined, options.signal === undefined ? undefined : { signal: options.signal });
  }
  const heartbeat = setInterval(() => void utimes(lockDir, new Date(), new Date()).catch(() => {}), HEARTBEAT_MS);
  heartbeat.unref();
  try {
    return await body();
  } finally {
    clearInterval(heartbeat);
    await rm(lockDir, { recursive: true, force: true });
  }
}

async function take(lockDir: string): Promise<boolean> {
  try {
    await mkdir(lockDir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  await writeFile(path.join(lockDir, 'owner'), JSON.stringify({ pid: process.pid, host: hostname() }));
  return true;
}

async function isAbandoned(lockDir: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(lockDir);
    if (Date.now() - mtimeMs > STALE_MS) return true;
    const owner = JSON.parse(await readFile(path.join(lockDir, 'owner'), 'utf8')) as { pid: number; host: string };
    return owner.host === hostname() && !isAlive(owner.pid);
  } catch {
    // Just released, or its owner is still writing its name.
    return false;
  }
}

/** Moves the lock aside first, so that of two that find it abandoned only one removes it. */
async function remove(lockDir: string): Promise<void> {
  const aside = `${lockDir}.${randomUUID()}`;
  await rename(lockDir, aside).catch(() => {});
  await rm(aside, { recursive: true, force: true });
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
