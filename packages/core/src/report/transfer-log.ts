import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { Transfer } from '../runtime/progress.ts';
import { transferLine } from './transfer-line.ts';

/** Milliseconds. */
const EVERY = 5_000;

/** Measures a transfer and says in the log every five seconds how far it is. */
export function transferLog({ clock, log }: { readonly clock: Clock; readonly log: Pick<Log, 'info'> }): Transfer {
  return new Transfer({ clock, every: EVERY, report: (state) => log.info(transferLine(state)) });
}
