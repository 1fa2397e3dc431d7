import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { Transfer } from '../runtime/progress.ts';
import { transferLine } from './transfer-line.ts';

/** Milliseconds between two lines of a log, and between two drawings of a bar. */
const EVERY = { line: 5_000, drawing: 100 } as const;

/** Measures a transfer and says how far it is: to a terminal ten times a second, in a log every five seconds. */
export function transferLog({
  clock,
  log,
}: {
  readonly clock: Clock;
  readonly log: Pick<Log, 'info' | 'live'>;
}): Transfer {
  const { live } = log;
  if (live === undefined) {
    return new Transfer({ clock, every: EVERY.line, report: (state) => log.info(transferLine(state)) });
  }
  return new Transfer({
    clock,
    every: EVERY.drawing,
    report: ({ moved, total, rate, remaining }) =>
      live({ kind: 'transfer', moved, total, rate, ...(remaining === undefined ? {} : { remaining }) }),
  });
}
