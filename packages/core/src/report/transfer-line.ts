import type { PartState, TransferState } from '../runtime/progress.ts';
import { bytes } from './bytes.ts';
import { seconds } from './stage-line.ts';

/** `412.0 MB of 1.2 GB, 96.3 MB/s, 8.2 s left (linux/amd64 40 %, linux/arm64 12 %)`: a line of progress for a log. */
export function transferLine({ moved, total, rate, remaining, parts }: TransferState): string {
  const left = remaining === undefined ? '' : `, ${seconds(remaining * 1000)} left`;
  const each = [...parts].map(([part, state]) => `${part} ${percent(state)} %`);
  return `${bytes(moved)} of ${bytes(total)}, ${bytes(rate)}/s${left}${each.length === 0 ? '' : ` (${each.join(', ')})`}`;
}

/** A part that is sent again after a break has moved more than it is. */
function percent({ moved, total }: PartState): number {
  return total === 0 ? 100 : Math.min(100, Math.floor((100 * moved) / total));
}
