/** An annotation as the runner takes it from a log line. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly message: string;
  readonly title?: string;
  readonly file?: string;
  readonly line?: number;
}

const COMMAND = /^::([a-z-]+)(?: ([^\n]*?))?::(.*)$/;

/** `::error file=a,line=1::text` and the like, in the order they came. */
export function parseAnnotations(log: string): Annotation[] {
  return commands(log).flatMap(({ name, properties, message }) => {
    if (name !== 'error' && name !== 'warning' && name !== 'notice') return [];
    const { title, file, line } = properties;
    const place = { ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line: Number(line) }) };
    return [{ level: name, message, ...(title === undefined ? {} : { title }), ...place }];
  });
}

/** Values that `::add-mask::` named. */
export function parseMasks(log: string): string[] {
  return commands(log)
    .filter((command) => command.name === 'add-mask')
    .flatMap((command) => command.message.split('\n').filter((line) => line !== ''));
}

/** The log as the runner shows it: without commands that are only for it, and with masked values starred out. */
export function visibleLog(log: string): string {
  const lines = log.split('\n').filter((line) => !/^::(?:add-mask|save-state|set-output)\b/.test(line.trimStart()));
  const masks = parseMasks(log).toSorted((one, other) => other.length - one.length);
  return masks.reduce((text, mask) => text.replaceAll(mask, '***'), lines.join('\n'));
}

interface Command {
  readonly name: string;
  readonly properties: Readonly<Record<string, string | undefined>>;
  readonly message: string;
}

function commands(log: string): Command[] {
  return log.split(/\r?\n/).flatMap((line) => {
    const match = COMMAND.exec(line.trimStart());
    if (match === null) return [];
    return [{ name: match[1] ?? '', properties: parseProperties(match[2] ?? ''), message: unescape(match[3] ?? '') }];
  });
}

function parseProperties(text: string): Record<string, string> {
  const pairs = text.split(',').filter((pair) => pair.includes('='));
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [name.trim(), unescape(value.join('=')).replaceAll('%3A', ':').replaceAll('%2C', ',')];
    }),
  );
}

/** What ActionCommand.cs undoes; the percent sign comes last. */
function unescape(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}
