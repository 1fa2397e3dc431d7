import { visible } from '../runtime/visible.ts';

/** Where lines for the runner go; standard output in an action. */
export interface LineSink {
  write(line: string): void;
}

/** What annotations may say beside their message. */
export interface CommandProperties {
  readonly title?: string | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}

/**
 * A workflow command: `::name key=value::message`
 * (docs.github.com, "Workflow commands for GitHub Actions"; escaping as the runner undoes it in ActionCommand.cs).
 */
export function command(name: string, message = '', properties: CommandProperties = {}): string {
  const shown = Object.entries(properties).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${escapeProperty(String(value))}`],
  );
  return `::${name}${shown.length === 0 ? '' : ` ${shown.join(',')}`}::${escapeData(message)}`;
}

/**
 * Text from elsewhere (a tool, a registry, a Dockerfile) as a line that the runner does not obey:
 * it looks for `::name::` at the start of a line and for `##[name]` anywhere.
 */
export function inert(text: string): string {
  return withColours(text)
    .replace(/^(\s*:):/gm, '$1\u200b:')
    .replaceAll('##[', '##\u200b[');
}

/** Select Graphic Rendition (ECMA-48, 8.3.117), behind the escape character. */
const COLOUR = new RegExp(`(${String.fromCodePoint(0x1b)}\\[[\\d;]*m)`);

/** Visible, but for the colours that tools write: both the runner and a terminal show them, and they move nothing. */
function withColours(text: string): string {
  return text
    .split(COLOUR)
    .map((part, at) => (at % 2 === 1 ? part : visible(part)))
    .join('');
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
