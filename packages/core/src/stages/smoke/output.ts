import type { Log } from '../../runtime/log.ts';
import type { RunEnd } from '../../tools/image-run.ts';
import type { SmokeResult } from './judgement.ts';

/** Lines of each stream; a test that fails is looked at, not archived. */
const MOST_LINES = 40;

/** Shows what a program wrote that did not do what was expected. */
export function logOutput({ test, platform, detail }: SmokeResult, end: RunEnd, log: Log): Promise<void> {
  return log.group(`  ✘ ${test} on ${platform}: ${detail}`, async () => {
    if (end.kind !== 'ended' && end.kind !== 'timeout') return;
    for (const stream of ['stdout', 'stderr'] as const) {
      const lines = end[stream].trimEnd().split(/\r?\n/);
      if (lines.length > MOST_LINES) log.info(`${stream} (${lines.length - MOST_LINES} lines before these)`);
      for (const line of lines.slice(-MOST_LINES)) if (line !== '') log.info(`${stream}: ${line}`);
    }
  });
}
