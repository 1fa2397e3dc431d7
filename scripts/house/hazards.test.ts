import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const rows = readFileSync('docs/prune-hazards.md', 'utf8')
  .split('\n')
  .flatMap((line) => /^\| H(?<number>\d+) \|(?<rest>.*)$/.exec(line)?.groups ?? []);

it('lists hazards 1 to 35, each once', () => {
  expect(rows.map(({ number }) => Number(number))).toEqual(Array.from({ length: 35 }, (_, index) => index + 1));
});

it.each(rows.map(({ number = '', rest = '' }) => [number, [...rest.matchAll(/\]\(\.\.\/([^)]+)\)/g)] as const]))(
  'H%s is in the tests that the table names',
  (number, links) => {
    expect(links.length).toBeGreaterThan(0);
    for (const [, file = ''] of links) expect(readFileSync(file, 'utf8')).toMatch(new RegExp(`\\bH${number}\\b`));
  },
);
