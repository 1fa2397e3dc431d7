import type { RepositoryName } from '../oci/reference.ts';
import { pickText } from '../runtime/pick.ts';
import { type GitHubApi, parse } from './api.ts';
import type { GitHubContext } from './context.ts';
import type { Environment } from './host.ts';
import { answerFailure } from './api-failure.ts';
import { packageMissing } from './package-failure.ts';
import { type PackageAddress, packageScope } from './package-scope.ts';
import { ghcrHost } from './registry-auth.ts';

/** `registry/owner/name` as a package of GitHub's: the name may have slashes of its own. */
export function packageAddress({ repository }: RepositoryName): PackageAddress {
  const [owner = '', ...rest] = repository.split('/');
  return { owner, name: rest.join('/') };
}

/** Whether a registry is that of this GitHub. */
export function isGhcr(
  { registry }: RepositoryName,
  { github, env }: { readonly github: Pick<GitHubContext, 'serverUrl'>; readonly env: Environment },
): boolean {
  return registry === ghcrHost(github.serverUrl, env);
}

/**
 * `public`, `private` or `internal`; `undefined` where GitHub does not say.
 * @throws PlimsollError `package-not-found`, `github-*`
 */
export async function packageVisibility(name: RepositoryName, api: GitHubApi): Promise<string | undefined> {
  const address = packageAddress(name);
  const scope = await packageScope(api, address);
  const answer = await api.send({ path: `${scope}/packages/container/${encodeURIComponent(address.name)}` });
  if (answer.status === 404) throw packageMissing(address, answer);
  if (answer.status !== 200) throw answerFailure(answer);
  return pickText(parse(answer), 'visibility');
}

/** Where a person sets who can see a package; there is no API that does. */
export function packageSettingsUrl(
  name: RepositoryName,
  { serverUrl, owner: repositoryOwner, event }: Pick<GitHubContext, 'serverUrl' | 'owner' | 'event'>,
): string {
  const { owner, name: below } = packageAddress(name);
  const isOwn = owner.toLowerCase() === repositoryOwner.toLowerCase();
  const kind = isOwn && pickText(event, 'repository', 'owner', 'type') === 'User' ? 'users' : 'orgs';
  return `${serverUrl}/${kind}/${owner}/packages/container/${encodeURIComponent(below)}/settings`;
}
