import type { News } from '@plimsoll/core/runtime/log';
import { bytes } from '@plimsoll/core/report/bytes';
import { seconds } from '@plimsoll/core/report/stage-line';

export type TransferNews = Extract<News, { kind: 'transfer' }>;

/** What is under way. */
export interface Doing {
  /** `publish`. */
  readonly stage: string;
  /** Milliseconds since the stage began. */
  readonly elapsed: number;
  /** While bytes move. */
  readonly transfer?: TransferNews | undefined;
}

export interface LineStyle {
  /** Columns of the terminal; a line is always shorter, since one that wraps cannot be taken back. */
  readonly width: number;
  readonly colour: boolean;
  /** Counts up with each drawing. */
  readonly frame: number;
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;
const BAR = { longest: 30, shortest: 8 } as const;
const COLOURS = { quiet: '\u001b[2m', fact: '\u001b[36m', off: '\u001b[0m' } as const;

/** A part of the line; what is least needed is left out first when there is no room. */
interface Part {
  readonly text: string;
  readonly colour?: 'quiet' | 'fact';
}

/** One line that says what is under way: a spinner and the time, or a bar while bytes move. */
export function liveLine(doing: Doing, { width, colour, frame }: LineStyle): string {
  const spinner = SPINNER[frame % SPINNER.length] ?? '';
  const head: Part[] = [{ text: spinner, colour: 'fact' }, { text: doing.stage }];
  const tail = doing.transfer === undefined ? [elapsedPart(doing)] : transferParts(doing.transfer);
  const room = width - 1;
  const kept = mostTelling([...head, ...tail], { needed: head.length + 1, room });
  const bar = doing.transfer === undefined ? [] : barPart(doing.transfer, room - lengthOf(kept) - 1);
  const parts = [...kept.slice(0, head.length), ...bar, ...kept.slice(head.length)];
  return parts
    .map(({ text, colour: name }) => (colour && name ? `${COLOURS[name]}${text}${COLOURS.off}` : text))
    .join(' ');
}

function elapsedPart({ elapsed }: Doing): Part {
  return { text: seconds(elapsed), colour: 'quiet' };
}

/** The most telling first. */
function transferParts({ moved, total, rate, remaining }: TransferNews): Part[] {
  return [
    { text: `${Math.floor(100 * shareOf(moved, total))} %` },
    { text: `${bytes(moved)} of ${bytes(total)}` },
    { text: `${bytes(rate)}/s`, colour: 'quiet' },
    ...(remaining === undefined ? [] : [{ text: `${seconds(remaining * 1000)} left`, colour: 'quiet' } as const]),
  ];
}

/** A bar of the shortest length goes before all parts but the needed ones. */
function mostTelling(
  parts: readonly Part[],
  { needed, room }: { readonly needed: number; readonly room: number },
): readonly Part[] {
  const beside = fitting(parts, room - BAR.shortest - 1);
  return beside.length < needed ? fitting(parts, room) : beside;
}

/** As many of the first parts as fit. */
function fitting(parts: readonly Part[], room: number): readonly Part[] {
  const kept: Part[] = [];
  for (const part of parts) {
    if (lengthOf([...kept, part]) > room) break;
    kept.push(part);
  }
  return kept;
}

/** No bar where it would be too short to tell anything. */
function barPart({ moved, total }: TransferNews, room: number): readonly Part[] {
  const length = Math.min(BAR.longest, room);
  if (length < BAR.shortest) return [];
  const full = Math.round(shareOf(moved, total) * length);
  return [{ text: '█'.repeat(full) + '░'.repeat(length - full), colour: 'fact' }];
}

/** What is sent again after a break has moved more than it is. */
function shareOf(moved: number, total: number): number {
  return total === 0 ? 1 : Math.min(1, moved / total);
}

function lengthOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { text }) => sum + text.length, Math.max(0, parts.length - 1));
}
