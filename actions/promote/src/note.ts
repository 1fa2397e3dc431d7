import type { PromotionNote } from '@plimsoll/core/stages/promote/leg';
import type { PromoteContext, PromoteInputs } from './inputs.ts';

/** What the records of this run say beside what moved. */
export function noteOf({ goal, reason, leniency }: PromoteInputs, { github }: PromoteContext): PromotionNote {
  return {
    by: github.actor,
    run: github.runUrl,
    ...(reason === undefined ? {} : { reason: reason.slice(0, 1000) }),
    ...(goal.kind === 'promote' && goal.version !== undefined ? { version: goal.version } : {}),
    ...(goal.kind === 'rollback' ? { rollback: true } : {}),
    ...(leniency.emergency ? { emergency: true } : {}),
  };
}
