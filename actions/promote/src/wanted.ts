import type { RuledTag } from '@plimsoll/core/metadata/highest';
import type { TagRules } from '@plimsoll/core/policy/tags';
import type { PromoteLeg } from '@plimsoll/core/stages/promote/leg';
import { channelTags, wantedTags } from '@plimsoll/core/stages/promote/wanted-tags';
import { withCommit } from './commit-tag.ts';
import type { Goal } from './goal.ts';
import type { PromoteContext } from './inputs.ts';

/** The tags to write, each with its class. */
export async function tagsOf(
  goal: Goal,
  { rules, legs }: { readonly rules: TagRules; readonly legs: readonly PromoteLeg[] },
  context: PromoteContext,
): Promise<readonly RuledTag[]> {
  if (goal.kind === 'rollback') return channelTags([goal.channel], rules);
  const { github, clock } = context;
  return wantedTags(await withCommit(goal.tags, legs, context), rules, { ...github, now: clock.now() });
}
