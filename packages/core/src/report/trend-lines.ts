import type { Trends } from '../stages/trends.ts';
import { bytes } from './bytes.ts';
import { seconds } from './stage-line.ts';

/** One value in the course of time. */
export interface TrendPoint {
  /** Of the whole bar; absent where it is not known. */
  readonly value?: number;
  /** The part of it that is worst, drawn in the colour of a failure. */
  readonly bad?: number;
  /** `1.2.3: 6.2 MB`, for people who point at it. */
  readonly label: string;
}

/** One measure of an image or its pipeline, ready to be told. */
export interface TrendLine {
  readonly name: string;
  /** The newest value. */
  readonly now: string;
  /** Against the one before; empty when there is none. */
  readonly change: string;
  /** Whether the newest value is bad news. */
  readonly alarm: boolean;
  /** What a bar is, apart from the part of it that is bad: a quantity, what is tolerated, or what is well. */
  readonly tone: 'fact' | 'idle' | 'good';
  /** The oldest first. */
  readonly points: readonly TrendPoint[];
}

/** Those of which something is known. */
export function trendLines(trends: Trends): readonly TrendLine[] {
  const lines = [sizeLine(trends), findingsLine(trends), durationLine(trends), successLine(trends)];
  return lines.filter(({ points }) => points.some(({ value }) => value !== undefined));
}

function sizeLine({ releases }: Trends): TrendLine {
  const points = releases.map(({ name, size }) => point(name, size, bytes));
  const [now, before] = lastTwo(points);
  const grown = now !== undefined && before !== undefined && now > before * 1.1;
  return {
    name: 'Size, all platforms',
    now: now === undefined ? 'not known' : bytes(now),
    change: difference(now, before, bytes),
    alarm: grown,
    tone: 'fact',
    points,
  };
}

function findingsLine({ releases }: Trends): TrendLine {
  const points = releases.map(({ name, findings }) =>
    findings === undefined
      ? { label: `${name}: not known` }
      : {
          value: findings.high + findings.below,
          bad: findings.high,
          label: `${name}: ${findings.high} high or critical, ${findings.below} below`,
        },
  );
  const newest = releases.at(-1)?.findings;
  const [now, before] = lastTwo(points);
  return {
    name: 'Findings',
    now: newest === undefined ? 'not known' : `${newest.high} high or critical`,
    change: newest === undefined ? '' : [`${newest.below} below`, ...inAll(difference(now, before, String))].join(', '),
    alarm: (newest?.high ?? 0) > 0,
    tone: 'idle',
    points,
  };
}

/** A run that failed was shorter, and tells nothing of how long one takes. */
function durationLine({ runs }: Trends): TrendLine {
  const good = runs.filter(({ result }) => result === 'success');
  const points = good.map(({ number, milliseconds }) => point(`#${number}`, milliseconds, seconds));
  const middle = median(good.map(({ milliseconds }) => milliseconds));
  const [now] = lastTwo(points);
  return {
    name: 'Duration of a run that passed',
    now: now === undefined ? 'not known' : seconds(now),
    change: middle === undefined ? '' : `median ${seconds(middle)}`,
    alarm: false,
    tone: 'fact',
    points,
  };
}

function successLine({ runs }: Trends): TrendLine {
  const told = runs.filter(({ result }) => result !== 'none');
  const passed = told.filter(({ result }) => result === 'success').length;
  const points = told.map(({ number, result }) => ({
    value: 1,
    bad: result === 'failure' ? 1 : 0,
    label: `#${number}: ${result}`,
  }));
  return {
    name: 'Runs that passed',
    now: told.length === 0 ? 'not known' : `${Math.round((passed / told.length) * 100)} %`,
    change: told.length === 0 ? '' : `${passed} of ${told.length}`,
    alarm: told.at(-1)?.result === 'failure',
    tone: 'good',
    points,
  };
}

function point(name: string, value: number | undefined, shown: (value: number) => string): TrendPoint {
  return value === undefined ? { label: `${name}: not known` } : { value, label: `${name}: ${shown(value)}` };
}

/** The newest value and the one right before it. */
function lastTwo(points: readonly TrendPoint[]): readonly [number | undefined, number | undefined] {
  return [points.at(-1)?.value, points.at(-2)?.value];
}

function difference(now: number | undefined, before: number | undefined, shown: (value: number) => string): string {
  if (now === undefined || before === undefined) return '';
  if (now === before) return '±0';
  return `${now > before ? '+' : '−'}${shown(Math.abs(now - before))}`;
}

function inAll(change: string): readonly string[] {
  return change === '' ? [] : [`${change} in all`];
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}
