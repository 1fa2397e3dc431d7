import type { SmokeResult } from '../stages/smoke/judgement.ts';
import { code, escape, sections, table } from './markdown.ts';
import { seconds } from './stage-line.ts';
import { plural } from './wording.ts';

const MARKS: Readonly<Record<SmokeResult['outcome'], string>> = {
  passed: '✅',
  failed: '❌ failed',
  timeout: '❌ out of time',
  'not-started': '❌ not started',
  unknown: '❔ could not be run here',
};

/** What came of starting the image, a row for each test and platform; empty where nothing was started. */
export function smokeSection(results: readonly SmokeResult[]): string {
  return sections(results.length === 0 ? undefined : '### Smoke test', smokeTable(results));
}

/** `2 tests on 1 platform`. */
export function smokeText(results: readonly SmokeResult[]): string {
  const count = (key: 'test' | 'platform') => new Set(results.map((result) => result[key])).size;
  return `${plural(count('test'), 'test')} on ${plural(count('platform'), 'platform')}`;
}

function smokeTable(results: readonly SmokeResult[]): string {
  return table(
    ['', 'Test', 'Platform', '', { heading: 'Time', align: 'right' }],
    results.map(({ test, platform, outcome, detail, milliseconds }) => [
      MARKS[outcome],
      code(test),
      code(platform),
      escape(detail),
      seconds(milliseconds),
    ]),
  );
}
