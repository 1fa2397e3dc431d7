import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const rows = [...readFileSync('docs/prune-hazards.md', 'utf8').matchAll(/^\| H(?<number>\d+) \|(?<rest>.*)$/gm)].map(
  ({ groups }) => ({ number: groups?.['number'] ?? '', rest: groups?.['rest'] ?? '' }),
);
const filesOf = (rest: string) =>
  [...rest.matchAll(/\]\(\.\.\/(?<file>[^)]+)\)/g)].map(({ groups }) => groups?.['file'] ?? '');

it('lists hazards 1 to 35, each once', () => {
  expect(rows.map(({ number }) => Number(number))).toEqual(Array.from({ length: 35 }, (_, index) => index + 1));
});

it.each(rows.map(({ number, rest }) => [number, filesOf(rest)] as const))(
  'H%s is in the tests that the table names',
  (number, files) => {
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect(readFileSync(file, 'utf8')).toMatch(new RegExp(`\\bH${number}\\b`));
  },
);
