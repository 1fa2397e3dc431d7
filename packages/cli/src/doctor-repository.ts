import { parse } from '@plimsoll/core/github/api';
import { type Diagnosis, problem, unknown, well } from './diagnosis.ts';
import type { OnlineRepository } from './doctor-online.ts';

/** What the other checks need to know. docs.github.com/rest/repos/repos, "Get a repository". */
export interface RepositoryFacts {
  readonly default_branch: string;
  readonly private: boolean;
}

export interface SeenRepository {
  readonly diagnosis: Diagnosis;
  /** Absent when the token cannot see it. */
  readonly facts?: RepositoryFacts;
}

export async function repositoryCheck({ api, name }: OnlineRepository): Promise<SeenRepository> {
  const answer = await api.send({ path: `/repos/${name}` });
  if (answer.status === 401) {
    return { diagnosis: problem('GitHub does not take the token', 'Set GITHUB_TOKEN to one that has not expired.') };
  }
  if (answer.status === 404 || answer.status === 403) {
    const hint = 'Give the token access to the repository (classic: scope "repo"; fine-grained: Metadata, read).';
    return { diagnosis: problem(`The token cannot see ${name}`, hint) };
  }
  const facts = parse(answer) as RepositoryFacts;
  const kind = facts.private ? 'private' : 'public';
  return {
    diagnosis: well(`The token sees ${name}, a ${kind} repository with the branch ${facts.default_branch}`),
    facts,
  };
}

interface Rule {
  readonly type: string;
  readonly parameters?: { readonly strict_required_status_checks_policy?: boolean };
}

/**
 * Who may change the policy: it is read from the default branch. The rules of a branch can be read by everybody who
 * reads the repository (docs.github.com/rest/repos/rules); the older protection tells others only that it is there.
 */
export async function branchCheck(online: OnlineRepository, facts: RepositoryFacts): Promise<readonly Diagnosis[]> {
  const branch = encodeURIComponent(facts.default_branch);
  const [rules, older] = await Promise.all([
    online.api.get<readonly Rule[]>(`/repos/${online.name}/rules/branches/${branch}`),
    online.api.get<{ readonly protected: boolean }>(`/repos/${online.name}/branches/${branch}`),
  ]);
  const settings = `${online.page}/settings/rules`;
  if (rules.length === 0 && !older.protected) {
    const hint = `Require pull requests and up-to-date status checks at ${settings}`;
    return [problem(`Whoever can push to ${facts.default_branch} can change the policy that judges the push`, hint)];
  }
  return [well(`The branch ${facts.default_branch} is protected`), ...upToDate(rules, settings)];
}

function upToDate(rules: readonly Rule[], settings: string): readonly Diagnosis[] {
  const checks = rules.find(({ type }) => type === 'required_status_checks');
  if (checks?.parameters?.strict_required_status_checks_policy === true) {
    return [well('Pull requests are merged only with checks that passed on an up-to-date branch')];
  }
  return [
    unknown(
      'No rule asks for status checks on an up-to-date branch',
      `Without it a pull request is merged in a state that nobody scanned; see ${settings}`,
    ),
  ];
}
