import { PlimsollError } from '../runtime/errors.ts';

/** One entry of a list input. */
export interface InputEntry {
  /** Trimmed where it was not quoted; exactly what stood between the quotes where it was. */
  readonly text: string;
  readonly quoted: boolean;
}

const QUOTED = /^"((?:[^"]|"")*)"[ \t]*(?:\r?\n|$)/;

/**
 * One entry per line; blank lines and lines that start with `#` are left out. As for docker/build-push-action, an entry in
 * double quotes is what stands between them, may go on over several lines, and has quotes inside it doubled. Quotes
 * within a line belong to it.
 *
 * @throws PlimsollError `input-invalid` for quotes that do not end; the entry itself may be a secret, and is not shown
 */
export function entriesOf(input: string, text: string): readonly InputEntry[] {
  const entries: InputEntry[] = [];
  let rest = text.trimStart();
  while (rest !== '') {
    const quoted = QUOTED.exec(rest);
    const plain = /^[^\r\n]*/.exec(rest)?.[0] ?? '';
    if (quoted === null && plain.startsWith('"')) throw unfinished(input);
    if (quoted !== null) entries.push({ text: (quoted[1] ?? '').replaceAll('""', '"'), quoted: true });
    else if (!plain.startsWith('#')) entries.push({ text: plain.trim(), quoted: false });
    rest = rest.slice(quoted === null ? plain.length : quoted[0].length).trimStart();
  }
  return entries.filter((entry) => entry.text.trim() !== '');
}

/** An entry as {@link entriesOf} reads it, in quotes where it would be read otherwise without. */
export function writeEntry(text: string): string {
  return /^["#]|^\s|\s$|[\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** As {@link entriesOf}, and commas separate entries too; they hold none, so it does not matter where quotes stand. */
export function commaEntriesOf(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => !line.startsWith('#'))
    .flatMap((line) => line.split(','))
    .map((item) => item.replace(/^\s*"?\s*|\s*"?\s*$/g, ''))
    .filter((item) => item !== '');
}

function unfinished(input: string): PlimsollError {
  return new PlimsollError('input-invalid', `The input "${input}" has an entry whose double quotes do not end`, {
    hint: 'Write a quote at its end and nothing behind that, and double those inside: "NAME=say ""yes""".',
  });
}
