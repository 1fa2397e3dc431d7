import type { Inputs } from '@plimsoll/core/github/inputs';
import { parseRepositoryName, type RepositoryName } from '@plimsoll/core/oci/reference';
import { parseDuration } from '@plimsoll/core/policy/duration';
import { PlimsollError } from '@plimsoll/core/runtime/errors';

/** How the registry of the package is spoken to. */
export type Driver =
  | { readonly is: 'github' }
  /** With the token of an OAuth application. */
  | { readonly is: 'quay'; readonly token: string /** Milliseconds. */; readonly expireAfter?: number }
  | { readonly is: 'oci' };

type PackageInput = 'package' | 'driver' | 'quay-token' | 'quay-expire-after';

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
  const after = expireAfter(inputs.text('quay-expire-after'), kind);
  if (kind !== 'quay') return { repository, driver: { is: kind } };
  return { repository, driver: { is: kind, token: token ?? '', ...(after !== undefined && { expireAfter: after }) } };
}

function expireAfter(text: string | undefined, kind: Driver['is']): number | undefined {
  if (text === undefined) return undefined;
  const after = parseDuration(text);
  if (kind === 'quay' && after !== undefined && after > 0) return after;
  if (kind !== 'quay') {
    throw new PlimsollError('input-conflict', 'Only Quay takes tags away at a later time by itself', {
      hint: 'Leave "quay-expire-after:" out; GitHub keeps what was deleted for 30 days, and "mode: restore" brings it back.',
    });
  }
  throw new PlimsollError('input-invalid', `The input "quay-expire-after" has "${text.slice(0, 50)}"`, {
    hint: 'Write a whole number and s, m, h, d or w, such as "quay-expire-after: 7d".',
  });
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
