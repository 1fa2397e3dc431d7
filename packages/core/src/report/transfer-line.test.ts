import { expect, test } from 'vitest';
import { transferLine } from './transfer-line.ts';

const state = { moved: 412e6, total: 1.2e9, rate: 96e6, remaining: 8.2, parts: new Map() };

test('a line of progress has bytes, rate and time left', () => {
  expect(transferLine(state)).toMatch(/^412.* of 1\.2 GB, 96.*\/s, 8\.2 s left$/);
  expect(transferLine({ ...state, remaining: undefined })).not.toContain('left');
});

test('and how far each part is, never more than whole', () => {
  const parts = new Map([
    ['linux/amd64', { moved: 299, total: 300 }],
    ['linux/arm64', { moved: 0, total: 300 }],
    ['evidence', { moved: 20, total: 10 }],
  ]);
  expect(transferLine({ ...state, parts })).toMatch(/ \(linux\/amd64 99 %, linux\/arm64 0 %, evidence 100 %\)$/);
});
