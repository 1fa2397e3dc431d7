import { visible } from '../runtime/visible.ts';

/** GitHub-flavoured Markdown, with everything that comes from outside escaped. */

/** Text that renders as itself, also inside a table cell. */
export function escape(text: string): string {
  const literal = onOneLine(text, '\n')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_[\]|~]/g, '\\$&');
  return withoutReferences(literal).replaceAll('\n', '<br>');
}

/** What GitHub looks for in the text it has made: `@name`, `#1`, `GH-1` and links to issues, pull requests and the like. */
const REFERENCES = /[@#]|\bGH-(?=\d)|\bgithub\.com\/[^\s/]+\/[^\s/]+\/[a-z]+\/(?=[\da-f])/gi;

/**
 * Nobody is told, and no other issue is linked, for what a scanner read somewhere. GitHub undoes backslashes and entities before
 * it looks (github/cmark-gfm#181); an empty comment parts the text, and is nothing that is copied with it.
 */
function withoutReferences(text: string): string {
  return text.replaceAll(REFERENCES, '$&<!-- -->');
}

/** Inline code; a longer fence when the text itself holds backticks. A pipe would end a table cell even here. */
export function code(text: string): string {
  const flat = onOneLine(text, ' ').replaceAll('|', '\\|');
  const fence = '`'.repeat(longestRun(flat) + 1);
  const pad = flat.startsWith('`') || flat.endsWith('`') ? ' ' : '';
  return flat === '' ? '' : `${fence}${pad}${flat}${pad}${fence}`;
}

function onOneLine(text: string, mark: string): string {
  return visible(text).replaceAll(/\s+/g, (run) => (run.includes('\n') ? mark : run));
}

/** A fenced block that its content cannot close. */
export function codeBlock(text: string, language = ''): string {
  const shown = visible(text).trimEnd();
  const fence = '`'.repeat(Math.max(3, longestRun(shown) + 1));
  return `${fence}${language}\n${shown}\n${fence}`;
}

/** A link; a URL that is not http(s) is shown as text. */
export function link(text: string, url: string): string {
  if (visible(url) !== url || !/^https?:\/\/[^\s<>()]+$/.test(url)) return escape(text);
  return `[${escape(text)}](${url.replaceAll('|', '%7C')})`;
}

export type Align = 'left' | 'right' | 'center';

/** A column: its heading, and how its cells are aligned. */
export interface Column {
  readonly heading: string;
  readonly align?: Align;
}

const RULES: Readonly<Record<Align, string>> = { left: ':---', right: '---:', center: ':---:' };

/** A table. Cells are Markdown already: pass them through {@link escape} or {@link code}. Empty without rows. */
export function table(columns: readonly (string | Column)[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const heads = columns.map((column) => (typeof column === 'string' ? { heading: column } : column));
  return [
    row(heads.map(({ heading }) => heading)),
    row(heads.map(({ align }: Column) => RULES[align ?? 'left'])),
    ...rows.map((cells) => row(heads.map((_head, index) => cells[index] ?? ''))),
  ].join('\n');
}

/** A collapsed section. Its heading is on one line, because an empty one would end the HTML. */
export function details(summary: string, body: string): string {
  return `<details><summary>${escapeHtml(onOneLine(summary, ' '))}</summary>\n\n${body.trim()}\n\n</details>`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Parts separated by blank lines; empty parts are left out. */
export function sections(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('\n\n');
}

/** Text that renders as itself in HTML, also in an attribute. */
export function escapeHtml(text: string): string {
  return visible(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
