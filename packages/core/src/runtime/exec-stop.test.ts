import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PlimsollError } from './errors.ts';
import { type RunOptions, run } from './exec.ts';
import { runnerStopSchedule } from './process-group.ts';

const env = { PATH: process.env['PATH'] ?? '' };
const script = (text: string, options: Partial<RunOptions> = {}) =>
  run(process.execPath, ['-e', text], { env, ...options });
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable('it did not fail'),
    (error: unknown) => error as PlimsollError,
  );

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'exec-stop-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

// Records signals in a file, with a child of its own that does the same, so that the whole group is seen.
const recorder = (ignore: readonly string[]) => `
  const fs = require('fs');
  const note = (text) => fs.appendFileSync('signals', text + '\\n');
  const isChild = process.argv[1] === 'child';
  for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => {
    note((isChild ? 'child ' : '') + name);
    if (!${JSON.stringify(ignore)}.includes(name)) process.exit(0);
  });
  if (isChild) { console.log('ready'); } else {
    require('child_process').spawn(process.execPath, [...process.execArgv, 'child'], { stdio: 'inherit' });
  }
  setInterval(() => {}, 1000);`;
const signals = async () => (await readFile(path.join(dir, 'signals'), 'utf8')).trim().split('\n');

describe('stopping', () => {
  const stopSchedule = { terminateAfterMs: 300, killAfterMs: 600 };

  const cancelWhenReady = (ignore: readonly string[]) => {
    const controller = new AbortController();
    const onLine = () => controller.abort(new Error('SIGTERM from the runner'));
    return failure(script(recorder(ignore), { cwd: dir, signal: controller.signal, onLine, stopSchedule }));
  };

  it('sends SIGINT to the whole group first', async () => {
    const error = await cancelWhenReady([]);
    expect(error).toMatchObject({ code: 'cancelled' });
    expect((await signals()).toSorted()).toEqual(['SIGINT', 'child SIGINT']);
  });

  it('goes on to SIGTERM', async () => {
    await cancelWhenReady(['SIGINT']);
    expect((await signals()).toSorted()).toEqual(['SIGINT', 'SIGTERM', 'child SIGINT', 'child SIGTERM']);
    expect((await signals()).slice(0, 2).every((line) => line.endsWith('SIGINT'))).toBe(true);
  });

  it('ends with SIGKILL when nothing else helps', async () => {
    const error = await cancelWhenReady(['SIGINT', 'SIGTERM']);
    expect(error).toMatchObject({ code: 'cancelled' });
    expect(await signals()).toHaveLength(4);
  });

  it('is over before the runner sends its own SIGTERM', () => {
    expect(runnerStopSchedule.terminateAfterMs).toBeLessThan(runnerStopSchedule.killAfterMs);
    expect(runnerStopSchedule.killAfterMs).toBeLessThan(7_500);
  });

  it('stops what takes too long', async () => {
    const error = await failure(script('setInterval(() => {}, 1000)', { timeoutMs: 100 }));
    expect(error).toMatchObject({ code: 'tool-timeout' });
  });

  it('does not start anything once the run is cancelled', async () => {
    const error = await failure(
      script('require("fs").writeFileSync("x", "")', { cwd: dir, signal: AbortSignal.abort() }),
    );
    expect(error).toMatchObject({ code: 'cancelled' });
    await expect(readFile(path.join(dir, 'x'))).rejects.toThrow('ENOENT');
  });
});
