import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ACTIONS, root } from '../../scripts/house/actions.mjs';
import type { Figure } from './figure.ts';
import { type Contender, interleave, timeCommand } from './harness.ts';

const ROUNDS = 21;
const EMPTY = 'node -e 0';
/** An empty process takes 25 to 30 ms on a quiet machine. */
const BUSY_MS = 45;

/** Size of each bundle, and the time from its start to the first validation error over an empty Node process. */
export async function start(): Promise<Figure[]> {
  const home = await mkdtemp(path.join(tmpdir(), 'plimsoll-bench-'));
  try {
    const times = await interleave(contenders(home), ROUNDS);
    const empty = times[EMPTY] ?? 0;
    if (empty > BUSY_MS)
      console.error(`${EMPTY} took ${Math.round(empty)} ms: this machine is busy, the times below are too long.`);
    const figures = ACTIONS.map(
      async ({ name, bytes, startMs }): Promise<Figure[]> => [
        {
          bench: 'start',
          figure: `${name}: start over ${EMPTY}`,
          unit: 'ms',
          ours: (times[name] ?? 0) - empty,
          peer: { name: EMPTY, value: empty },
          limit: startMs,
        },
        { bench: 'start', figure: `${name}: size`, unit: 'bytes', ours: (await stat(bundle(name))).size, limit: bytes },
      ],
    );
    return (await Promise.all(figures)).flat();
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function bundle(name: string): string {
  return path.join(root, 'dist', name, 'index.js');
}

/** No PATH and an input nobody has: the work ends at validation, before any tool or network. */
function contenders(home: string): Record<string, Contender> {
  const env = { HOME: home, RUNNER_TEMP: home, GITHUB_WORKSPACE: home, 'INPUT_NO-SUCH-INPUT': 'x' };
  const run = (args: readonly string[], exitCode: number) => () =>
    timeCommand({ command: process.execPath, args, env, cwd: home, exitCode });
  return {
    [EMPTY]: run(['-e', '0'], 0),
    ...Object.fromEntries(ACTIONS.map(({ name }) => [name, run([bundle(name)], 1)])),
  };
}
