import type { Inputs } from '@plimsoll/core/github/inputs';
import { parseRepositoryName, type RepositoryName } from '@plimsoll/core/oci/reference';
import { PlimsollError } from '@plimsoll/core/runtime/errors';

/** How the registry of the package is spoken to. */
export type Driver =
  | { readonly is: 'github' }
  /** With the token of an OAuth application. */
  | { readonly is: 'quay'; readonly token: string }
  | { readonly is: 'oci' };

type PackageInput = 'package' | 'driver' | 'quay-token';

/**
 * The package, and by what it is spoken to: GitHub's own registry by its packages API, quay.io and whatever a Quay token was
 * given for by Quay's, everything else by the distribution specification.
 * @param ghcr host of GitHub's registry
 * @throws PlimsollError `input-*`, `reference-invalid`
 */
export function readPackage(
  inputs: Inputs<PackageInput>,
  ghcr: string,
): { readonly repository: RepositoryName; readonly driver: Driver } {
  const repository = repositoryOf(inputs.required('package'), ghcr);
  const choice = inputs.choice('driver', ['auto', 'github', 'quay', 'oci']);
  const token = inputs.secret('quay-token');
  const kind = choice === 'auto' ? detected(repository, { ghcr, token }) : choice;
  if (kind === 'github') assertGitHub(repository, ghcr);
  if (kind !== 'quay' && token !== undefined) throw uselessToken(kind);
  if (kind === 'quay' && token === undefined) throw missingToken(repository);
  return { repository, driver: kind === 'quay' ? { is: kind, token: token ?? '' } : { is: kind } };
}

function detected(
  { registry }: RepositoryName,
  { ghcr, token }: { readonly ghcr: string; readonly token: string | undefined },
): Driver['is'] {
  if (registry === ghcr) return 'github';
  return registry === 'quay.io' || token !== undefined ? 'quay' : 'oci';
}

/** `owner/name` of GitHub's registry, or a repository behind its host. */
function repositoryOf(text: string, ghcr: string): RepositoryName {
  const [first = ''] = text.split('/');
  const withHost = /[.:]/.test(first) || first === 'localhost';
  return parseRepositoryName(withHost ? text : `${ghcr}/${text}`);
}

function assertGitHub({ registry, repository }: RepositoryName, ghcr: string): void {
  if (registry === ghcr && repository.includes('/')) return;
  throw new PlimsollError('input-invalid', `"${registry}/${repository}" is not a package of ${ghcr}`, {
    hint: 'Write "package: owner/name", or the whole name with its host for another registry, and leave "driver:" out.',
  });
}

function uselessToken(kind: 'github' | 'oci'): PlimsollError {
  const why = kind === 'github' ? "the package is in GitHub's registry" : '"driver: oci" was given';
  return new PlimsollError('input-conflict', `A Quay token was given, but ${why}`, {
    hint: 'Leave "quay-token:" out, or give the package with the host of the Quay registry.',
  });
}

function missingToken({ registry }: RepositoryName): PlimsollError {
  return new PlimsollError('input-missing', `To prune ${registry}, a token for Quay's API is needed`, {
    hint: 'Write "quay-token: ${{ secrets.QUAY_TOKEN }}" with a token of an OAuth application and the scope repo:write; a robot account cannot do it.',
  });
}
