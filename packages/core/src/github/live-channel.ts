import { writeSync } from 'node:fs';
import type { News } from '../runtime/log.ts';

/** The variable in which the command line names the file descriptor that it listens on, beside the standard streams. */
export const LIVE_VARIABLE = 'PLIMSOLL_LIVE_FD';

/** One line of JSON for each piece of news; `undefined` on a runner, where nobody listens. */
export function liveChannel(descriptor: string | undefined): ((news: News) => void) | undefined {
  if (!/^[3-9]$/.test(descriptor ?? '')) return undefined;
  const target = Number(descriptor);
  return (news) => {
    try {
      writeSync(target, `${JSON.stringify(news)}\n`);
    } catch {
      // Whoever listened is gone, or has not caught up: the next news says all of it again.
    }
  };
}
