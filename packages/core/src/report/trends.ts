import type { FinishedRun } from '../github/workflow-runs.ts';
import type { ReleasePoint } from '../stages/trends/release-point.ts';
import type { Trends } from '../stages/trends.ts';
import { bytes } from './bytes.ts';
import { code, details, escape, link, sections, table } from './markdown.ts';
import { sparkline } from './sparkline.ts';
import { seconds } from './stage-line.ts';
import { trendCards } from './trend-cards.ts';
import { type TrendLine, trendLines } from './trend-lines.ts';

/** `text` where nothing is drawn but characters, as in a job summary. */
export type Drawing = 'text' | 'svg';

/** How the image and its pipeline came to be what they are: at a glance, and all numbers below. */
export function trendsSection(trends: Trends, drawing: Drawing): string {
  const lines = trendLines(trends);
  const notes = trends.notes.map((note) => `- ${escape(note)}`).join('\n');
  return sections(
    `### Trends of ${code(trends.tag)}`,
    lines.length === 0 ? 'Nothing is known of earlier releases and runs.' : overview(lines, drawing),
    notes === '' ? undefined : `Not told:\n\n${notes}`,
    lines.length === 0 ? undefined : details('The numbers', sections(releaseTable(trends), runTable(trends))),
  );
}

function overview(lines: readonly TrendLine[], drawing: Drawing): string {
  if (drawing === 'svg') return trendCards(lines);
  return table(
    ['', { heading: 'Now', align: 'right' }, { heading: '', align: 'right' }, 'Oldest to newest'],
    lines.map(({ name, now, change, tone, points }) => [
      name,
      escape(now),
      escape(change),
      tone === 'good'
        ? points.map(({ bad }) => (bad === 1 ? '🟥' : '🟩')).join('')
        : sparkline(points.map(({ value }) => value)),
    ]),
  );
}

function releaseTable({ releases }: Trends): string {
  return table(
    [
      'Release',
      'Since (UTC)',
      { heading: 'Size', align: 'right' },
      { heading: 'High or critical', align: 'right' },
      { heading: 'Below', align: 'right' },
    ],
    releases
      .toReversed()
      .map(({ name, at, size, findings }: ReleasePoint) => [
        code(name),
        at === undefined ? '–' : minute(at),
        size === undefined ? '–' : bytes(size),
        findings === undefined ? '–' : String(findings.high),
        findings === undefined ? '–' : String(findings.below),
      ]),
  );
}

const RESULTS: Readonly<Record<FinishedRun['result'], string>> = {
  success: 'passed',
  failure: 'failed',
  none: 'cancelled or skipped',
};

function runTable({ runs }: Trends): string {
  return table(
    ['Run', 'Started (UTC)', 'Result', { heading: 'Time', align: 'right' }],
    runs
      .toReversed()
      .map(({ number, url, startedAt, result, milliseconds }) => [
        link(`#${number}`, url),
        minute(startedAt),
        RESULTS[result],
        seconds(milliseconds),
      ]),
  );
}

/** `2026-11-21 15:30`, on one line. */
function minute(time: Date): string {
  return time.toISOString().slice(0, 16).replace('T', '\u00a0');
}
