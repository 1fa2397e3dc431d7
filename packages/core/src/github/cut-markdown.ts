/** What {@link closing} adds at most, in bytes. */
export const MOST_CLOSING = 500;

/**
 * Markdown of at most `limit` bytes: whole lines, with what they leave open closed, and a word on where the rest is.
 *
 * @param pointer - Markdown, such as `The rest is in the job summary.`
 */
export function cutMarkdown(markdown: string, limit: number, pointer: string): string {
  if (Buffer.byteLength(markdown) <= limit) return markdown;
  const text = cutAtLine(markdown, limit - MOST_CLOSING - Buffer.byteLength(pointer));
  return `${text}${closing(text)}\n_This was cut here. ${pointer}_\n`;
}

/** As many whole lines as fit into `limit` bytes, so that no table row or multi-byte letter is cut in two. */
export function cutAtLine(text: string, limit: number): string {
  if (Buffer.byteLength(text) <= limit) return text;
  const head = Buffer.from(text).subarray(0, Math.max(limit, 0));
  const end = head.lastIndexOf('\n');
  return head.subarray(0, end + 1).toString();
}

/** The lines that end a fence of code and collapsed sections that are open at the end of the text. */
export function closing(text: string): string {
  let fence: string | undefined;
  let depth = 0;
  for (const line of text.split('\n')) {
    const [, run, rest = ''] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (fence === undefined) {
      fence = run;
      if (run === undefined) depth += count(line, '<details>') - count(line, '</details>');
    } else if (run !== undefined && run.startsWith(fence) && rest.trim() === '') {
      fence = undefined;
    }
  }
  const fenceEnd = fence === undefined || fence.length > LONGEST_FENCE ? '' : `${fence}\n`;
  return `${fenceEnd}${'\n</details>\n'.repeat(Math.max(0, Math.min(depth, DEEPEST)))}`;
}

/** Sections within sections that a report has; so that what is added stays within its room. */
const DEEPEST = 8;
const LONGEST_FENCE = 300;

function count(line: string, tag: string): number {
  return line.split(tag).length - 1;
}
