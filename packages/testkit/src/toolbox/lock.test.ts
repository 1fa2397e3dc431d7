import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from './lock.ts';
import { isExecutable, makeDirectory, removeLeftovers, toolHome, toolsDir } from './store.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'lock-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const deadPid = () => spawnSync(process.execPath, ['-e', '0']).pid;

describe('withLock', () => {
  it('lets one in at a time and cleans up', async () => {
    const events: string[] = [];
    const hold = (name: string) =>
      withLock(path.join(dir, 'lock'), {}, async () => {
        events.push(`${name} in`);
        await new Promise((resolve) => setImmediate(resolve));
        events.push(`${name} out`);
      });
    await Promise.all([hold('a'), hold('b')]);
    expect([events[0]?.[0], events[2]?.[0]].toSorted()).toEqual(['a', 'b']);
    expect(events.map((event) => event.slice(2))).toEqual(['in', 'out', 'in', 'out']);
    expect(await readdir(dir)).toEqual([]);
  });

  it('takes over from a holder that was killed', async () => {
    const lock = path.join(dir, 'lock');
    await mkdir(lock);
    await writeFile(path.join(lock, 'owner'), JSON.stringify({ pid: deadPid(), host: hostname() }));
    expect(await withLock(lock, {}, async () => 'taken')).toBe('taken');
  });

  it('takes over from a holder elsewhere that has gone quiet', async () => {
    const lock = path.join(dir, 'lock');
    await mkdir(lock);
    await writeFile(path.join(lock, 'owner'), JSON.stringify({ pid: process.pid, host: 'another' }));
    await utimes(lock, new Date(0), new Date(0));
    expect(await withLock(lock, {}, async () => 'taken')).toBe('taken');
  });

  it('stops waiting when the run is cancelled', async () => {
    const lock = path.join(dir, 'lock');
    await mkdir(lock);
    const controller = new AbortController();
    const onWait = () => controller.abort();
    await expect(withLock(lock, { signal: controller.signal, onWait }, async () => 'in')).rejects.toThrow('abort');
  });
});

describe('the store', () => {
  it('shows a directory only when it is complete', async () => {
    const home = path.join(dir, 'tool');
    await expect(
      makeDirectory(home, async (temporary) => {
        await writeFile(path.join(temporary, 'tool'), '', { mode: 0o755 });
        throw new Error('killed');
      }),
    ).rejects.toThrow('killed');
    expect(await readdir(dir)).toEqual([]);
    await makeDirectory(home, (temporary) => writeFile(path.join(temporary, 'tool'), '', { mode: 0o755 }));
    expect(await isExecutable(path.join(home, 'tool'))).toBe(true);
  });

  it('removes what a killed builder left, and not what a living one is making', async () => {
    await mkdir(path.join(dir, `.making-${deadPid()}-abc`));
    await mkdir(path.join(dir, `.making-${process.pid}-def`));
    await removeLeftovers(dir);
    expect(await readdir(dir)).toEqual([`.making-${process.pid}-def`]);
  });

  it('keeps different recipes apart', () => {
    const root = toolsDir({ XDG_CACHE_HOME: dir });
    const home = (madeBy: unknown) => toolHome(root, { name: 'x', version: '1', madeBy });
    expect(home({ a: 1 })).not.toBe(home({ a: 2 }));
    expect(home({ a: 1 })).toBe(home({ a: 1 }));
  });
});
