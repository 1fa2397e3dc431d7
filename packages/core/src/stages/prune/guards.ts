import type { Guards } from '../../policy/retention.ts';
import { PlimsollError } from '../../runtime/errors.ts';

/** The failure with which a plan that is too large stops before anything is deleted; pure. */
export function guardFailure(
  { deletions, versions }: { readonly deletions: number; readonly versions: number },
  guards: Guards,
): PlimsollError | undefined {
  const percent = versions === 0 ? 0 : (deletions / versions) * 100;
  if (deletions > guards.maxDeletes) {
    return stopped(`${deletions} versions would be deleted, and max-deletes is ${guards.maxDeletes}`, {
      line: `max-deletes: ${deletions}`,
    });
  }
  if (percent <= guards.maxPercent) return undefined;
  const of = `${deletions} of ${versions} versions`;
  return stopped(`${of} (${percent.toFixed(1)} %) would be deleted, and max-percent is ${guards.maxPercent}`, {
    line: `max-percent: ${Math.ceil(percent)}`,
  });
}

function stopped(message: string, { line }: { readonly line: string }): PlimsollError {
  return new PlimsollError('prune-guard', message, {
    hint: `Read the plan. If it is what you want, write "${line}" under "with:" for this run; nothing was deleted.`,
  });
}
