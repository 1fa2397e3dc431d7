import { expect, test } from 'vitest';
import { endOfLife } from './end-of-life.ts';
import type { PlatformScan } from './platform-scan.ts';

const scan = (platform: string, endedSystem?: string) => ({ target: { platform }, endedSystem }) as PlatformScan;
const platforms = [scan('linux/amd64', 'debian 9'), scan('linux/arm64')];

test('a release without further fixes is a note', () => {
  const sentence =
    'The operating system of linux/amd64, debian 9, gets no more security fixes: no finding says little.';
  expect(endOfLife(platforms, 'note')).toEqual({ notes: [sentence], problems: [] });
});

test('or no verdict, where the policy says so', () => {
  const { notes, problems } = endOfLife(platforms, 'incomplete');
  expect(notes).toEqual([]);
  expect(problems).toMatchObject([{ outcome: 'incomplete', what: expect.stringContaining('linux/amd64, debian 9') }]);
});
