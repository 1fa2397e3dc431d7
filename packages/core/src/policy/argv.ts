/** What a shell would act on, and nobody does here. */
const FOR_A_SHELL = /[|&;<>()$`]/;

/** Words of a command line, or what keeps it from being one. */
export type SplitWords =
  | { readonly words: readonly string[] }
  | { readonly problem: 'a quote is not closed' | 'it needs a shell'; readonly at?: string };

/**
 * Splits a command line into words as a POSIX shell does ("Token Recognition"), without expanding anything: what a
 * shell would act on is refused outside of quotes, because it would reach the program as it is written.
 */
export function splitWords(line: string): SplitWords {
  const words: string[] = [];
  let rest = line.trimStart();
  while (rest !== '') {
    const word = nextWord(rest);
    if ('problem' in word) return word;
    words.push(word.text);
    rest = rest.slice(word.length).trimStart();
  }
  return { words };
}

const PART = /^(?:'([^']*)'|"((?:[^"\\]|\\.)*)"|\\([^])|([^\s'"\\]+))/;

function nextWord(
  line: string,
): { readonly text: string; readonly length: number } | Exclude<SplitWords, { words: readonly string[] }> {
  let text = '';
  let length = 0;
  while (length < line.length && !/\s/.test(line.charAt(length))) {
    const part = PART.exec(line.slice(length));
    if (part === null) return { problem: 'a quote is not closed' };
    const [whole, single, double, escaped, plain] = part;
    const forShell = FOR_A_SHELL.exec(plain ?? '')?.[0] ?? /(?<!\\)[$`]/.exec(double ?? '')?.[0];
    if (forShell !== undefined) return { problem: 'it needs a shell', at: forShell };
    text += single ?? double?.replaceAll(/\\([$`"\\])/g, '$1') ?? escaped ?? plain ?? '';
    length += whole.length;
  }
  return { text, length };
}
