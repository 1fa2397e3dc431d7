import { heredocsIn } from './heredocs.ts';

/** An instruction of a Dockerfile. */
export interface DockerfileStep {
  /** In capitals. */
  readonly keyword: string;
  /** Its arguments on one line, continued lines joined as BuildKit joins them. */
  readonly text: string;
  /** One-based, where it begins. */
  readonly line: number;
}

/** Where a line goes on in the next one. */
type Continuation = RegExp;

const CONTINUATIONS: Readonly<Record<string, Continuation>> = {
  '\\': /(^|[^\\])\\[ \t]*$/,
  '`': /(^|[^`])`[ \t]*$/,
};
const DIRECTIVE = /^\s*#\s*([a-z][a-z0-9]*)\s*=\s*(.+?)\s*$/i;
const DIRECTIVES: readonly string[] = ['syntax', 'escape', 'check'];

/**
 * The instructions of a Dockerfile, as BuildKit finds them (frontend/dockerfile/parser, parser.go): comments and the
 * bodies of heredocs are none. Whatever reads a Dockerfile reads it through this.
 */
export function* dockerfileSteps(text: string): Iterable<DockerfileStep> {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line) => line.replace(/\r+$/, ''));
  const continuation = continuationOf(lines);
  for (let at = 0; at < lines.length; at += 1) {
    if (isEmpty(lines[at])) continue;
    const { whole, last } = joined(lines, at, continuation);
    const [, keyword = '', rest = ''] = /^(\S+)\s*([^]*)$/.exec(whole.trim()) ?? [];
    const step = { keyword: keyword.toUpperCase(), text: rest, line: at + 1 };
    at = heredocsIn(step).reduce((end, { isEnd }) => endOf(lines, end + 1, isEnd), last);
    if (keyword !== '') yield step;
  }
}

/** Parser directives stand at the top, one to a line; what follows anything else is a comment. */
function continuationOf(lines: readonly string[]): Continuation {
  let escape = '\\';
  for (const line of lines) {
    const [, name = '', value = ''] = DIRECTIVE.exec(line) ?? [];
    if (!DIRECTIVES.includes(name.toLowerCase())) break;
    if (name.toLowerCase() === 'escape') escape = value;
  }
  return CONTINUATIONS[escape] ?? /(^|[^\\])\\[ \t]*$/;
}

/** An instruction from its first line to its last. Comments and empty lines between are no end of it. */
function joined(lines: readonly string[], first: number, continuation: Continuation) {
  let [whole, last] = [lines[first] ?? '', first];
  while (continuation.test(whole) && last + 1 < lines.length) {
    last += 1;
    if (!isEmpty(lines[last])) whole = whole.replace(continuation, '$1') + lines[last];
  }
  return { whole: whole.replace(continuation, '$1'), last };
}

/** The line that ends a heredoc; the last one of the file for one that is never ended, which BuildKit refuses. */
function endOf(lines: readonly string[], from: number, isEnd: (line: string) => boolean): number {
  const found = lines.findIndex((line, at) => at >= from && isEnd(line));
  return found === -1 ? lines.length : found;
}

function isEmpty(line = ''): boolean {
  return /^\s*(?:#|$)/.test(line);
}
