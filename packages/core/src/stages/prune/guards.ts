import type { RetentionPolicy } from '../../policy/retention.ts';
import type { PackageVersion } from '../../policy/retention-rules.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import type { PlannedDeletion } from './plan.ts';

export interface GuardInput {
  readonly deletions: readonly PlannedDeletion[];
  /** Every version when the run began. */
  readonly versions: readonly PackageVersion[];
  /** By version id, the channel in which the version takes a place. */
  readonly homes: ReadonlyMap<number, string>;
}

/** The failure with which a plan that takes too much stops before anything is deleted; pure. */
export function guardFailure(input: GuardInput, policy: RetentionPolicy): PlimsollError | undefined {
  const deletions = input.deletions.length;
  const versions = input.versions.length;
  const { maxDeletes, maxPercent } = policy.guards;
  const percent = versions === 0 ? 0 : (deletions / versions) * 100;
  if (deletions > maxDeletes) {
    return stopped(`${deletions} versions would be deleted, and max-deletes is ${maxDeletes}`, {
      line: `max-deletes: ${deletions}`,
    });
  }
  if (percent > maxPercent) {
    const of = `${deletions} of ${versions} versions`;
    return stopped(`${of} (${percent.toFixed(1)} %) would be deleted, and max-percent is ${maxPercent}`, {
      line: `max-percent: ${Math.ceil(percent)}`,
    });
  }
  return survivorsFailure(input, policy);
}

/** A channel that says itself that it keeps none may become empty; any other is more likely a mistake. */
function survivorsFailure(input: GuardInput, policy: RetentionPolicy): PlimsollError | undefined {
  const gone = new Set(input.deletions.map((item) => item.id));
  const places = new Map(policy.channels.map(({ name }) => [name, { all: 0, left: 0 }]));
  for (const { id } of input.versions) {
    const place = places.get(input.homes.get(id) ?? '');
    if (place === undefined) continue;
    place.all += 1;
    if (!gone.has(id)) place.left += 1;
  }
  for (const { name, mayBeEmpty } of policy.channels) {
    const { all = 0, left = 0 } = places.get(name) ?? {};
    if (mayBeEmpty || left === all || left >= policy.guards.minSurvivors) continue;
    const message = `${left} of ${all} versions of the channel "${name}" would be left, and min-survivors is ${policy.guards.minSurvivors}`;
    return stopped(message, { line: `min-survivors: ${left}` });
  }
  return undefined;
}

function stopped(message: string, { line }: { readonly line: string }): PlimsollError {
  return new PlimsollError('prune-guard', message, {
    hint: `Read the plan. If it is what you want, write "${line}" under "with:" for this run; nothing was deleted.`,
  });
}
