import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type ActionRun, runAction } from '../runner/run-action.ts';
import type { RecordedRequest } from '../world/registry/front.ts';
import type { FaultBoard } from './fault-board.ts';
import type { PromotionBed } from './promotion-bed.ts';

const PROMOTE = path.resolve(import.meta.dirname, '../../../../dist/promote/index.js');

/** When the action is killed. */
export interface Kill {
  readonly board: FaultBoard;
  /** Repositories whose requests are looked at. */
  readonly names: readonly string[];
  readonly when: (request: RecordedRequest) => boolean;
}

/**
 * Runs the promote action and kills it, without a chance to clean up, at the first request of which `when` is true. The
 * request itself is not answered.
 */
export async function promoteUntilKilled(
  { bed: { world } }: PromotionBed,
  inputs: Readonly<Record<string, string>>,
  { board, names, when }: Kill,
): Promise<ActionRun> {
  const folder = world.lifetime.folder(`killed-${randomUUID()}`);
  const [main, pid] = [path.join(folder, 'main.mjs'), path.join(folder, 'pid')];
  const lines = [
    "import fs from 'node:fs';",
    `fs.writeFileSync(${JSON.stringify(pid)}, String(process.pid));`,
    `await import(${JSON.stringify(PROMOTE)});`,
  ];
  writeFileSync(main, `${lines.join('\n')}\n`);
  const rule = (request: RecordedRequest) => {
    if (!when(request)) return undefined;
    process.kill(Number(readFileSync(pid, 'utf8')), 'SIGKILL');
    return 'reset';
  };
  for (const name of names) board.set(name, rule);
  try {
    return await runAction({ action: 'promote', world, inputs, main });
  } finally {
    for (const name of names) board.set(name, undefined);
  }
}
