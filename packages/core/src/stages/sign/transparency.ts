import type { GitHubContext } from '../../github/context.ts';
import { pick, pickText } from '../../runtime/pick.ts';
import { tokenVisibility } from '../../sigstore/token-identity.ts';

/** The `transparency-log` input; `auto` logs what is signed for a public repository, and nothing else. */
export const LOG_MODES = ['auto', 'on', 'off'] as const;
export type LogMode = (typeof LOG_MODES)[number];

/** Whether signatures go to the transparency log, and why, for people. */
export interface LogDecision {
  readonly log: boolean;
  readonly why: string;
}

/**
 * An entry of a public log can never be taken back, so a repository that does not say that it is public has none. Pure.
 * @param identityToken the second witness where the event does not tell: GitHub states the visibility in it
 */
export function decideLog(mode: LogMode, event: GitHubContext['event'], identityToken?: string): LogDecision {
  if (mode !== 'auto') return { log: mode === 'on', why: `"transparency-log: ${mode}"` };
  const visibility =
    eventVisibility(event) ?? (identityToken === undefined ? undefined : tokenVisibility(identityToken));
  if (visibility === undefined) return { log: false, why: 'nothing says that the repository is public' };
  return { log: visibility === 'public', why: `the repository is ${visibility}` };
}

/** A repository that is private is not public, whatever else is said of it. */
function eventVisibility(event: GitHubContext['event']): string | undefined {
  const isPrivate = pick(event, 'repository', 'private');
  const visibility = pickText(event, 'repository', 'visibility') ?? (isPrivate === false ? 'public' : undefined);
  return isPrivate === true && (visibility ?? 'public') === 'public' ? 'private' : visibility;
}
