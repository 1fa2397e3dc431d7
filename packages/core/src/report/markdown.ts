/** GitHub-flavoured Markdown, with everything that comes from outside escaped. */

/** Text that renders as itself, also inside a table cell. */
export function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_[\]|~#@]/g, '\\$&')
    .replaceAll(/\s*\r?\n\s*/g, '<br>');
}

/** Inline code; a longer fence when the text itself holds backticks. A pipe would end a table cell even here. */
export function code(text: string): string {
  const flat = text.replaceAll(/\s*\r?\n\s*/g, ' ').replaceAll('|', '\\|');
  const fence = '`'.repeat(longestRun(flat) + 1);
  const pad = flat.startsWith('`') || flat.endsWith('`') ? ' ' : '';
  return flat === '' ? '' : `${fence}${pad}${flat}${pad}${fence}`;
}

/** A fenced block that its content cannot close. */
export function codeBlock(text: string, language = ''): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`;
}

/** A link; a URL that is not http(s) is shown as text. */
export function link(text: string, url: string): string {
  if (!/^https?:\/\/[^\s<>()]+$/.test(url)) return escape(text);
  return `[${escape(text)}](${url})`;
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

/** A collapsed section. */
export function details(summary: string, body: string): string {
  return `<details><summary>${escapeHtml(summary)}</summary>\n\n${body.trim()}\n\n</details>`;
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
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
