import { appendFileSync } from 'node:fs';
import { closing, cutAtLine, MOST_CLOSING } from './cut-markdown.ts';
import type { Secrets } from './secrets.ts';

/** The job summary of this step. */
export interface Summary {
  /** Adds GitHub-flavoured Markdown; a blank line is put between additions. */
  append(markdown: string): void;
}

/** The runner uploads nothing at all when the file is larger (1 MiB per step). */
const LARGEST_SUMMARY = 1024 * 1024;
const POINTER = '\n\n_The summary is longer than GitHub shows (1 MiB). The rest is in the log of this step._\n';

/** The summary in the file that `GITHUB_STEP_SUMMARY` names; what does not fit goes to the log. */
export function fileSummary(
  file: string | undefined,
  { secrets, overflow }: { secrets: Secrets; overflow: (markdown: string) => void },
): Summary {
  let room = LARGEST_SUMMARY - Buffer.byteLength(POINTER) - MOST_CLOSING;
  let full = false;
  return {
    append: (markdown) => {
      const text = `${secrets.redact(markdown).trimEnd()}\n\n`;
      if (file === undefined) return;
      if (full) return overflow(text);
      const fitting = cutAtLine(text, room);
      room -= Buffer.byteLength(fitting);
      full = fitting.length < text.length;
      appendFileSync(file, full ? `${fitting}${closing(fitting)}${POINTER}` : fitting);
      if (full) overflow(text.slice(fitting.length));
    },
  };
}
