import { parse } from '@plimsoll/core/github/api';
import { type Diagnosis, problem, unknown, well } from './diagnosis.ts';
import type { OnlineRepository } from './doctor-online.ts';
import type { RepositoryFacts } from './doctor-repository.ts';

const SUITE = 'plimsoll-ci/plimsoll';

interface ActionsSettings {
  readonly enabled: boolean;
  readonly allowed_actions?: 'all' | 'local_only' | 'selected';
}

/** Whether Actions may run, and ours among them. docs.github.com/rest/actions/permissions. */
export async function actionsCheck({ api, name, page }: OnlineRepository): Promise<readonly Diagnosis[]> {
  const settings = `${page}/settings/actions`;
  const answer = await api.send({ path: `/repos/${name}/actions/permissions` });
  if (answer.status === 403 || answer.status === 404) {
    return [unknown('Which actions may run here was not told', `Only administrators may ask; see ${settings}`)];
  }
  const { enabled, allowed_actions } = parse(answer) as ActionsSettings;
  if (!enabled) return [problem('Actions are switched off here', `Switch them on at ${settings}`)];
  if (allowed_actions === 'local_only') {
    return [problem(`Only the owner's own actions may run here`, `Allow ${SUITE}@* at ${settings}`)];
  }
  return allowed_actions === 'selected' ? selectedCheck({ api, name }, settings) : [well('Actions may run here')];
}

async function selectedCheck(
  { api, name }: Pick<OnlineRepository, 'api' | 'name'>,
  settings: string,
): Promise<readonly Diagnosis[]> {
  const { patterns_allowed: patterns } = await api.get<{ readonly patterns_allowed: readonly string[] }>(
    `/repos/${name}/actions/permissions/selected-actions`,
  );
  const allowed = patterns.some((pattern) => `${SUITE}/`.startsWith(pattern.replace(/[@*].*$/, '').trim()));
  return [
    allowed ? well(`${SUITE} may run here`) : problem(`${SUITE} may not run here`, `Add ${SUITE}@* at ${settings}`),
  ];
}

/** Secrets that a workflow names and nobody set are empty strings in the run. */
export async function secretsCheck(online: OnlineRepository): Promise<readonly Diagnosis[]> {
  const named = secretNames(online);
  if (named.length === 0) return [];
  const paths = ['secrets', 'organization-secrets'].map((kind) => `/repos/${online.name}/actions/${kind}`);
  const answers = await Promise.all(paths.map((path) => online.api.send({ path, query: { per_page: '100' } })));
  if (answers.some(({ status }) => status === 403 || status === 404)) {
    const hint = `See that ${named.join(', ')} exist at ${online.page}/settings/secrets/actions`;
    return [unknown('Which secrets exist was not told', hint)];
  }
  const lists = answers.map((answer) => parse(answer) as { readonly secrets: readonly { readonly name: string }[] });
  const known = new Set(lists.flatMap(({ secrets }) => secrets.map((secret) => secret.name.toUpperCase())));
  return named.map((name) =>
    known.has(name.toUpperCase())
      ? well(`The secret ${name} exists`)
      : problem(
          `The secret ${name} is not set`,
          `Add it at ${online.page}/settings/secrets/actions, or "gh secret set ${name}"`,
        ),
  );
}

function secretNames({ workflows }: OnlineRepository): readonly string[] {
  const uses = workflows.flatMap(({ text }) => [...text.matchAll(/\bsecrets\.(?<name>\w+)/g)]);
  const names = new Set(uses.map(({ groups }) => groups?.['name'] ?? ''));
  return [...names].filter((name) => name.toUpperCase() !== 'GITHUB_TOKEN').toSorted();
}

/** A package begins private, whatever its repository is, and no API can change that. */
export async function packageCheck(
  { api, name, page }: OnlineRepository,
  { private: hidden }: RepositoryFacts,
): Promise<readonly Diagnosis[]> {
  const [owner = '', repository = ''] = name.toLowerCase().split('/');
  const scopes = ['orgs', 'users'] as const;
  const answers = await Promise.all(
    scopes.map((scope) => api.send({ path: `/${scope}/${owner}/packages/container/${repository}` })),
  );
  const found = answers.find(({ status }) => status === 200);
  const image = `ghcr.io/${owner}/${repository}`;
  if (found === undefined) {
    return answers.some(({ status }) => status === 403)
      ? [unknown(`Whether ${image} exists was not told`, 'Give the token the scope "read:packages".')]
      : [well(`${image} is not published yet; the first run creates it`)];
  }
  const { visibility, html_url } = parse(found) as { readonly visibility: string; readonly html_url?: string };
  if (visibility === 'private' && !hidden) {
    const hint = `If it is for everybody: "Change visibility" at ${html_url ?? page}/settings (no API can)`;
    return [unknown(`${image} is private while its repository is public`, hint)];
  }
  return [well(`${image} is ${visibility}`)];
}
