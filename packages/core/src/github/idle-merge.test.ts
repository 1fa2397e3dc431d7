import { expect, it } from 'vitest';
import { silentLog } from '../runtime/log.ts';
import { noticeIdleMerge } from './idle-merge.ts';
import { readInputs } from './inputs.ts';

it.each([
  ['merge', 'false', 1],
  ['merge', 'auto', 0],
  ['merge', '', 0],
  ['shard', 'false', 0],
] as const)('of mode %s and push %j tells %i', (mode, push, count) => {
  const notices: string[] = [];
  const log = { ...silentLog, notice: (text: string) => void notices.push(text) };
  noticeIdleMerge(mode, { inputs: readInputs(['push'], { INPUT_PUSH: push }, { mask() {} }), log });
  expect(notices).toHaveLength(count);
});
