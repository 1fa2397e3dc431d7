import { expect, it } from 'vitest';
import { refuseOtherCommit } from './own-commit.ts';

it('a run signs for its own commit alone', () => {
  const [own, other] = ['a'.repeat(40), 'b'.repeat(40)];
  expect(() => refuseOtherCommit(own, { sha: own })).not.toThrow();
  expect(() => refuseOtherCommit(other, { sha: own })).toThrow(expect.objectContaining({ code: 'input-conflict' }));
});
