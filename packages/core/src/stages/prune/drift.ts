import { PlimsollError } from '../../runtime/errors.ts';
import type { PlannedDeletion } from './plan.ts';
import type { PrunePlan } from './plan-file.ts';
import type { Planned } from './planner.ts';

const MOST_NAMED = 5;

/**
 * The deletions of a plan made earlier, in the terms of the plan made now. What somebody deleted
 * meanwhile is done; what is new since then stays for the next plan.
 * @throws PlimsollError `prune-drift` when the policy changed, or something planned would not be deleted today
 */
export function acceptPlan(given: PrunePlan, { plan, inventory }: Planned): readonly PlannedDeletion[] {
  if (given.policyDigest !== plan.policyDigest) throw drifted('the retention policy is not the one it was made with');
  const today = new Map(plan.delete.map((item) => [item.id, item]));
  const listed = new Set(inventory.versions.map((version) => version.id));
  const left = given.delete.filter((item) => listed.has(item.id));
  const changed = left.filter((item) => !sameTags(item, today.get(item.id)));
  if (changed.length > 0) {
    const names = changed.slice(0, MOST_NAMED).map((item) => item.tags[0] ?? item.digest);
    throw drifted(`${changed.length} of its versions would not be deleted now: ${names.join(', ')}`);
  }
  const chosen = new Set(left.map((item) => item.id));
  return plan.delete.filter((item) => chosen.has(item.id));
}

function sameTags(then: PlannedDeletion, now: PlannedDeletion | undefined): boolean {
  return now !== undefined && then.digest === now.digest && then.tags.toSorted().join() === now.tags.toSorted().join();
}

function drifted(problem: string): PlimsollError {
  return new PlimsollError('prune-drift', `The plan no longer fits the package: ${problem}`, {
    hint: 'Nothing was deleted. Make a new plan with "mode: plan", and apply that one.',
  });
}
