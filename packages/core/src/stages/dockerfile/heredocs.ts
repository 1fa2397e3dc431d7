import type { DockerfileStep } from './steps.ts';

/** Lines below an instruction that are input for it. */
export interface Heredoc {
  /** Whether a line is the one that ends it. */
  readonly isEnd: (line: string) => boolean;
}

/** What may have some; in others `<<` is text. */
const KEYWORDS: readonly string[] = ['RUN', 'COPY', 'ADD'];
/** Words of a shell with their quotes left on; what follows `<<` belongs to it, also behind a space. */
const WORD = /(?:'[^']*'|"(?:\\[^]|[^"\\])*"|\\[^]|<<[ \t]*|[^\s'"\\])+/g;
const HEREDOC = /^\d*<<(-?)\s*([^<]+)$/;

/**
 * The heredocs that an instruction begins, in the order in which they follow. Read as BuildKit reads them: `<<` has to
 * begin its word, so it is none within quotes, in `<<<` or in arithmetic, and a word of any form may end it.
 */
export function heredocsIn({ keyword, text }: Pick<DockerfileStep, 'keyword' | 'text'>): readonly Heredoc[] {
  if (!text.includes('<<') || !mayHaveSome(keyword, text) || hasOpenQuote(text)) return [];
  return (text.match(WORD) ?? []).flatMap((word) => {
    const [, chomps = '', quoted = ''] = HEREDOC.exec(word) ?? [];
    const mark = unquoted(quoted);
    if (mark === '') return [];
    return [{ isEnd: (line: string) => (chomps === '' ? line : line.replace(/^\t+/, '')) === mark }];
  });
}

function mayHaveSome(keyword: string, text: string): boolean {
  const [, triggered = '', rest = ''] = /^(\S+)\s*([^]*)$/.exec(text) ?? [];
  if (keyword === 'ONBUILD') return triggered.toUpperCase() !== 'ONBUILD' && mayHaveSome(triggered.toUpperCase(), rest);
  return KEYWORDS.includes(keyword) && !isJson(text.replace(/^(?:--\S+\s+)+/, ''));
}

function isJson(text: string): boolean {
  if (!text.startsWith('[')) return false;
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
}

/** BuildKit finds no heredoc at all in a line that it cannot split into words. */
function hasOpenQuote(text: string): boolean {
  return /['"]/.test(text.replaceAll(/'[^']*'|"(?:\\[^]|[^"\\])*"|\\[^]/g, ''));
}

function unquoted(word: string): string {
  return word.replaceAll(/'[^']*'|"(?:\\[^]|[^"\\])*"|\\[^]/g, (found) => {
    const inner = found.slice(1, found.startsWith('\\') ? undefined : -1);
    return found.startsWith('"') ? inner.replaceAll(/\\(["$\\])/g, '$1') : inner;
  });
}
