import { commitHistory } from '@plimsoll/core/github/commit-history';
import type { ExplainAbsence } from '@plimsoll/core/stages/promote/plan-legs';
import { commitOf, unbuiltCommit } from '@plimsoll/core/stages/promote/unbuilt-commit';
import type { PromoteContext } from './inputs.ts';

/** Of a commit that has no image, which commits have one; asked only then. */
export function explainAbsence({ api, github }: PromoteContext): ExplainAbsence {
  return async ({ reference, source }) => {
    const commit = commitOf(reference);
    if (commit === undefined) return undefined;
    return unbuiltCommit(commit, source, await commitHistory(commit, { api: api(), github }));
  };
}
