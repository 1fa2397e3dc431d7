import { visible } from '@plimsoll/core/runtime/visible';

/** An error or warning of an action. */
export interface Annotation {
  readonly kind: 'notice' | 'warning' | 'error';
  /** For errors of ours, the code. */
  readonly title: string | undefined;
  readonly message: string;
}

/** A line of an action, as a person at a terminal wants it. */
export interface ShownLine {
  readonly text: string | undefined;
  readonly annotation?: Annotation;
}

const COMMAND = /^::(?<name>[\w-]+)(?: (?<properties>[^:]*(?::(?!:)[^:]*)*))?::(?<message>.*)$/;

/** Turns the runner's commands back into text (the reverse of core's `github/commands.ts`). */
export function showLine(line: string, verbose: boolean): ShownLine {
  const match = COMMAND.exec(line)?.groups;
  // What core made inert for the runner needs no disguise here.
  if (match === undefined) return { text: line.replaceAll('\u200b', '') };
  const message = visible(unescapeText(match['message'] ?? ''));
  const kind = match['name'] ?? '';
  switch (kind) {
    case 'error':
    case 'warning':
    case 'notice': {
      const properties = readProperties(match['properties'] ?? '');
      const title = properties['title']?.replace(/^Plimsoll /, '');
      const place = properties['file'] === undefined ? '' : `${properties['file']}:${properties['line'] ?? '1'}: `;
      const head = title === undefined ? kind : `${kind} ${title}`;
      return { text: `${head}: ${place}${message}`, annotation: { kind, title, message } };
    }
    case 'group':
      return { text: message };
    case 'debug':
      return { text: verbose ? message : undefined };
    default:
      return { text: undefined };
  }
}

function readProperties(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(',').filter((pair) => pair.includes('='));
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      return [pair.slice(0, equals), unescapeText(pair.slice(equals + 1))];
    }),
  );
}

function unescapeText(text: string): string {
  return text
    .replaceAll('%2C', ',')
    .replaceAll('%3A', ':')
    .replaceAll('%0A', '\n')
    .replaceAll('%0D', '\r')
    .replaceAll('%25', '%');
}
