import type { GitHubContext } from '../github/context.ts';
import { pickText } from '../runtime/pick.ts';
import { formatDate } from './date-format.ts';
import { type Call, constant, type Expression, type Expressions } from './template.ts';

/** The part of the run that tags, labels and annotations come from. */
export type TagSource = Pick<
  GitHubContext,
  'sha' | 'ref' | 'refName' | 'refType' | 'eventName' | 'event' | 'defaultBranch' | 'pullRequestNumber'
> & {
  /** Whether the ref was given in place of the event's. */
  readonly refGiven?: boolean | undefined;
  /** When the commit was made, if it is known. */
  readonly commitDate?: Date | undefined;
  /** `<run>-<attempt>` of a run that builds a commit once more. */
  readonly rebuild?: string | undefined;
  /** When the run looked at the clock. */
  readonly now: Date;
};

/** Events that GitHub runs on the default branch only. */
const ON_DEFAULT_BRANCH = /^(?:create|discussion|discussion_comment|issues|schedule)$/;
const SHORT = 7;

/** `{{branch}}`, `{{date 'YYYYMMDD'}}` and the rest of docker/metadata-action's global expressions. */
export function globalExpressions(source: TagSource): Expressions {
  const { refType, refName, sha } = source;
  return {
    branch: constant(branchOf(source) ?? ''),
    tag: constant(refType === 'tag' ? refName : ''),
    sha: constant(sha.slice(0, SHORT)),
    base_ref: constant(() => baseRef(source)),
    is_default_branch: constant(() => String(isDefaultBranch(source))),
    is_not_default_branch: constant(() => String(!isDefaultBranch(source))),
    date: dateExpression(() => source.now),
    commit_date: dateExpression(() => commitDate(source)),
  };
}

/** Whether the run is about the repository's default branch. */
export function isDefaultBranch(source: TagSource): boolean {
  const { eventName, refGiven, defaultBranch } = source;
  if (ON_DEFAULT_BRANCH.test(eventName) && refGiven !== true) return true;
  return defaultBranch !== undefined && branchOf(source) === defaultBranch;
}

/** The branch that is built. The ref of `pull_request_target` is the one that the pull request wants to enter. */
export function branchOf({ refType, refName, refGiven, eventName }: TagSource): string | undefined {
  if (eventName === 'pull_request_target' && refGiven !== true) return undefined;
  return refType === 'branch' ? refName : undefined;
}

/** The branch that a pull request wants to enter, or that a pushed tag was made on, as far as the event says. */
function baseRef({ event }: TagSource): string {
  const base = pickText(event, 'pull_request', 'base', 'ref') ?? pickText(event, 'base_ref') ?? '';
  return base.replace(/^refs\/heads\//, '');
}

function dateExpression(date: () => Date): Expression {
  return (call: Call) => {
    const { tz, ...others } = call.options;
    const unknown = Object.keys(others)[0];
    if (unknown !== undefined) throw new Error(`{{${call.name}}} has no option "${unknown}"; it has "tz"`);
    if (call.words.length > 1) throw new Error(`{{${call.name}}} takes one format, in quotes`);
    return formatDate(date(), call.words[0] ?? 'YYYY-MM-DDTHH:mm:ssZ', tz || 'UTC');
  };
}

function commitDate({ commitDate: date, sha }: TagSource): Date {
  if (date !== undefined) return date;
  throw new Error(
    `{{commit_date}} is not known: neither the event nor the checkout has the commit ${sha.slice(0, SHORT)}`,
  );
}
