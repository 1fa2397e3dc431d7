import { describe, expect, it } from 'vitest';
import type { Digest } from '../oci/digest.ts';
import type { Trends } from '../stages/trends.ts';
import { sparkline } from './sparkline.ts';
import { trendsSection } from './trends.ts';

const digest: Digest = `sha256:${'a'.repeat(64)}`;
const startedAt = new Date('2026-11-21T10:00:00Z');
const run = (number: number, result: 'success' | 'failure' | 'none', milliseconds = 60_000) => ({
  number,
  url: `https://github.com/acme/app/actions/runs/${number}`,
  startedAt,
  result,
  milliseconds,
});

const trends: Trends = {
  tag: 'main',
  releases: [
    { digest, name: '1.0.0', at: startedAt, size: 4_000_000, findings: { high: 2, below: 1 } },
    { digest, name: '1.1.0|<b>', size: 6_000_000 },
    { digest, name: '1.2.0', size: 8_000_000, findings: { high: 0, below: 4 } },
  ],
  runs: [run(1, 'success', 30_000), run(2, 'failure'), run(3, 'none'), run(4, 'success', 90_000)],
  notes: ['No scan is signed on *1.1.0*.'],
};

describe('sparkline', () => {
  it.each([
    [[1, 2, 4, 8], '▂▃▅█'],
    [[8, undefined, 0], '█·▁'],
    [[0, 0], '▁▁'],
    [[], ''],
  ])('of %j is %s', (values, drawn) => expect(sparkline(values)).toBe(drawn));
});

describe('trends as text', () => {
  const text = trendsSection(trends, 'text');
  it.each([
    '| Size, all platforms | 8.0 MB | +2.0 MB | ▅▆█ |',
    '| Findings | 0 high or critical | 4 below | ▆·█ |',
    '| Duration of a run that passed | 90.0 s | median 30.0 s | ▃█ |',
    '| Runs that passed | 67 % | 2 of 3 | 🟩🟥🟩 |',
    '| [#<!-- -->3](https://github.com/acme/app/actions/runs/3) | 2026-11-21\u00a010:00 | cancelled or skipped | 60.0 s |',
    '- No scan is signed on \\*1.1.0\\*.',
  ])('has %s', (line) => expect(text.split('\n')).toContain(line));

  it('has every release in a table, and what is not known as such', () => {
    expect(text).toContain('| `1.0.0` | 2026-11-21\u00a010:00 | 4.0 MB | 2 | 1 |');
    expect(text).toContain('| `1.1.0\\|<b>` | – | 6.0 MB | – | – |');
  });

  it('tells nothing where nothing is known, and says why', () => {
    const nothing = trendsSection({ ...trends, releases: [], runs: [] }, 'text');
    expect(nothing).toContain('Nothing is known');
    expect(nothing).toContain('- No scan');
    expect(nothing).not.toContain('|');
  });
});

describe('trends as drawings', () => {
  const html = trendsSection(trends, 'svg');
  it('are one for each measure, with a title for who cannot see them, and the same table below', () => {
    expect(html.match(/<svg class="bars" role="img"/g)).toHaveLength(4);
    expect(html).toContain('<title>Size, all platforms, 3 values from the oldest to the newest, now 8.0 MB</title>');
    expect(html).toContain('| `1.0.0` |');
  });

  it('stay one block of HTML inside Markdown, and take nothing for markup', () => {
    const block = html.slice(html.indexOf('<div'), html.indexOf('</div>'));
    expect(block).not.toContain('\n\n');
    expect(block).toContain('1.1.0|&lt;b&gt;: not known');
  });

  it('raise an alarm for what is high or critical, and for a last run that failed', () => {
    const bad = { ...trends, releases: trends.releases.slice(0, 1), runs: trends.runs.slice(0, 2) };
    expect(html.match(/class="trend [^"]*alarm/g) ?? []).toEqual(['class="trend tone-fact alarm']);
    expect(trendsSection(bad, 'svg').match(/tone-(?:idle|good) alarm/g)).toEqual([
      'tone-idle alarm',
      'tone-good alarm',
    ]);
  });
});
