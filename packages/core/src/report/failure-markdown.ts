import type { FailureText } from './failure.ts';
import { code, codeBlock, sections } from './markdown.ts';

/** The failure as the job summary shows it. */
export function failureMarkdown(action: string, { title, message, lines }: FailureText): string {
  return sections(`### ❌ ${code(action)} failed: ${title}`, codeBlock([message, ...lines].join('\n')));
}
