import { PlimsollError } from '../runtime/errors.ts';
import type { GitHubApi } from './api.ts';
import type { GitHubContext } from './context.ts';

/** What may be published from a ref that no rule protects: everything, only development images of members, nothing. */
export const UNPROTECTED_REFS = ['allow', 'members', 'refuse'] as const;
export type UnprotectedRefs = (typeof UNPROTECTED_REFS)[number];

/** A development image is named as such and never signed. */
export type RefStanding = 'production' | 'development';

export interface RefStandingPorts {
  readonly github: Pick<GitHubContext, 'owner' | 'ref' | 'refProtected' | 'triggeringActor'>;
  /** With a token that may read the members of the organisation. */
  readonly api: Pick<GitHubApi, 'send'>;
}

/**
 * @throws PlimsollError `ref-unprotected` when nothing may be published from this ref, `membership-unknown`
 */
export async function refStanding(rule: UnprotectedRefs, { github, api }: RefStandingPorts): Promise<RefStanding> {
  if (rule === 'allow' || github.refProtected) return 'production';
  if (rule === 'refuse')
    throw unprotected(github.ref, 'Protect it with a branch or tag rule, or allow unprotected refs.');
  // Who started this very attempt: a re-run by somebody else keeps `github.actor` (org-infra asks for that one).
  const who = github.triggeringActor;
  if (who.toLowerCase() === github.owner.toLowerCase()) return 'development';
  if (await isMember(github.owner, who, api)) return 'development';
  throw unprotected(github.ref, `${who} is no member of ${github.owner}; a member has to start the run.`);
}

/** docs.github.com/rest/orgs/members, "Check organization membership for a user": 204 yes, 404 no, 302 will not tell. */
async function isMember(organisation: string, user: string, api: RefStandingPorts['api']): Promise<boolean> {
  const path = `/orgs/${encodeURIComponent(organisation)}/members/${encodeURIComponent(user)}`;
  const { status } = await api.send({ path });
  if (status === 204) return true;
  if (status === 404) return false;
  throw new PlimsollError(
    'membership-unknown',
    `Whether ${user} is a member of ${organisation} was not told (${status})`,
    {
      hint: 'Pass a token with "read:org" as "org-check-token" (org-infra: the secret org_check_token).',
    },
  );
}

function unprotected(ref: string, hint: string): PlimsollError {
  return new PlimsollError('ref-unprotected', `${ref} is not protected, so nothing is published from it`, { hint });
}
