import { cutMarkdown } from './cut-markdown.ts';
import { markerLine } from './marker.ts';

/** What an issue says of one thing, such as one digest of an image. */
export interface IssuePart {
  readonly name: string;
  /** GitHub-flavoured Markdown, without secrets. */
  readonly markdown: string;
  /** Where the whole is, when it has to be cut; Markdown. */
  readonly pointer?: string | undefined;
}

/** GitHub takes 65,536 characters; bytes are never fewer. */
const LONGEST = 65_000;
const REST = 'The next scan writes it anew, and its job summary has the whole.';
const PART = /^<!-- plimsoll: part (.*) -->$/;

/** The body under the marker: each part behind a line that names it, in the room that there is for each. */
export function issueBody(marker: string, parts: readonly IssuePart[]): string {
  const room = Math.floor((LONGEST - 1_000) / Math.max(1, parts.length));
  const texts = parts.map(({ name, markdown, pointer = REST }) => {
    const line = name === '' ? '' : markerLine(`part ${name}`);
    return `${line}${cutMarkdown(`${markdown.trim()}\n`, room - Buffer.byteLength(line) - 1, pointer)}`;
  });
  return `${markerLine(marker)}${texts.join('\n')}`;
}

/** The parts of a body; what stands before the first, from a person or from a version that knew no parts, is none. */
export function readParts(body: string): readonly IssuePart[] {
  const parts: { name: string; lines: string[] }[] = [];
  for (const line of body.split(/\r?\n/)) {
    const name = PART.exec(line)?.[1];
    if (name === undefined) parts.at(-1)?.lines.push(line);
    else parts.push({ name, lines: [] });
  }
  return parts.map(({ name, lines }) => ({ name, markdown: lines.join('\n').trim() }));
}
