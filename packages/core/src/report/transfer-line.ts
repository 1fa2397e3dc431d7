import type { TransferState } from '../runtime/progress.ts';
import { bytes } from './bytes.ts';
import { seconds } from './stage-line.ts';

/** `412.0 MB of 1.2 GB, 96.3 MB/s, 8.2 s left`: a line of progress for a log. */
export function transferLine({ moved, total, rate, remaining }: TransferState): string {
  const left = remaining === undefined ? '' : `, ${seconds(remaining * 1000)} left`;
  return `${bytes(moved)} of ${bytes(total)}, ${bytes(rate)}/s${left}`;
}
