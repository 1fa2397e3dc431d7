import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Daemon } from './daemon.ts';
import { Lifetime } from './lifetime.ts';
import { worldProcesses } from './reaper-sweep.ts';

async function eventually(condition: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 1000 && !condition(); tries++) await delay(10);
  return condition();
}

// One daemon, and a child of it that left its process group: only its environment gives it away.
const daemonScript = "setsid sh -c 'echo started; exec sleep 1000' & exec sleep 1000";

test('closing a lifetime ends its processes and removes its directory', async () => {
  const lifetime = new Lifetime();
  const closed: string[] = [];
  lifetime.defer(() => void closed.push('first'));
  lifetime.defer(() => void closed.push('second'));
  const daemon = new Daemon(lifetime, { name: 'sleeper', command: 'sh', args: ['-c', daemonScript] });
  await daemon.outputMatch(/started/);
  expect(await eventually(() => worldProcesses(lifetime.directory).length === 2)).toBe(true);
  await lifetime.close();
  expect(closed).toEqual(['second', 'first']);
  expect(worldProcesses(lifetime.directory)).toEqual([]);
  expect(existsSync(lifetime.directory)).toBe(false);
});

test('a killed parent leaves nothing behind', async () => {
  const program = `
    import { Lifetime } from ${JSON.stringify(path.join(import.meta.dirname, 'lifetime.ts'))};
    import { Daemon } from ${JSON.stringify(path.join(import.meta.dirname, 'daemon.ts'))};
    const lifetime = new Lifetime();
    const daemon = new Daemon(lifetime, { name: 'sleeper', command: 'sh', args: ['-c', ${JSON.stringify(daemonScript)}] });
    await daemon.outputMatch(/started/);
    console.log(lifetime.directory);
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [directory] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
  expect(worldProcesses(directory).length).toBeGreaterThanOrEqual(2);
  parent.kill('SIGKILL');
  expect(await eventually(() => !existsSync(directory))).toBe(true);
  expect(worldProcesses(directory)).toEqual([]);
});

test('a daemon that ends before it is ready says why', async () => {
  const lifetime = new Lifetime();
  const daemon = new Daemon(lifetime, { name: 'failing', command: 'sh', args: ['-c', 'echo no such key >&2; exit 3'] });
  await expect(daemon.outputMatch(/serving/)).rejects.toThrow(/failing ended with exit code 3.*no such key/s);
  await lifetime.close();
});

test('nothing starts in a lifetime that has ended', async () => {
  const lifetime = new Lifetime();
  await lifetime.close();
  expect(() => new Daemon(lifetime, { name: 'late', command: 'sleep', args: ['1000'] })).toThrow(/has ended/);
  expect(existsSync(lifetime.directory)).toBe(false);
});
