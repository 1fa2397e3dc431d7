import type { SmokeResult } from '../stages/smoke/judgement.ts';
import { code, escape, sections, table } from './markdown.ts';
import { seconds } from './stage-line.ts';

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
