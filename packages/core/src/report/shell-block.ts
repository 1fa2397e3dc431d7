import { codeBlock } from './markdown.ts';

/** Commands to copy, each flag on a line of its own: whole, they are wider than any summary. */
export function shellBlock(commands: readonly string[]): string {
  return codeBlock(commands.map((command) => command.replaceAll(' --', ' \\\n  --')).join('\n\n'), 'sh');
}
