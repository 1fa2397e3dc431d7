import { PlimsollError } from '../runtime/errors.ts';
import type { ApiAnswer } from './api.ts';
import { answerFailure } from './api-failure.ts';
import type { PackageAddress } from './package-scope.ts';

/** Kinds of tokens, which differ in what they can be allowed. */
export type TokenKind = 'installation' | 'classic' | 'fine-grained' | 'unknown';

/** By the prefixes that GitHub gives (docs.github.com, "About authentication to GitHub", token formats). */
export function tokenKindOf(token: string | undefined): TokenKind {
  const [, prefix] = /^(github_pat|gh[psou])_/.exec(token ?? '') ?? [];
  if (prefix === 'github_pat') return 'fine-grained';
  if (prefix === 'ghs') return 'installation';
  return prefix === undefined ? 'unknown' : 'classic';
}

export function packageMissing(address: PackageAddress, answer: ApiAnswer): PlimsollError {
  const { owner, name } = address;
  return new PlimsollError(
    'package-not-found',
    `GitHub has no container package ${owner}/${name}, or the token may not see it`,
    {
      hint: `Check the name. If it is right, ${access(address, answer)}`,
      cause: answerFailure(answer),
    },
  );
}

export function denied(address: PackageAddress, answer: ApiAnswer): PlimsollError {
  const message = `The token may not delete versions of ${address.owner}/${address.name}`;
  return new PlimsollError('github-denied', message, {
    hint: `To allow it, ${access(address, answer)}`,
    cause: answerFailure(answer),
  });
}

const ADMIN = 'on the package page under "Manage Actions access"';
const SCOPES = ['read:packages', 'delete:packages'];

/** Which line to write for the token that was given. docs.github.com, "About permissions for GitHub Packages". */
function access({ token = 'unknown' }: PackageAddress, { headers }: ApiAnswer): string {
  switch (token) {
    case 'installation':
      return `write "permissions: packages: write" in the job, and ${ADMIN} give this repository the role Admin. For a package of another repository give a classic token with ${SCOPES.join(' and ')} as "github-token"; the token of a GitHub App of one's own cannot delete packages.`;
    case 'fine-grained':
      return `give another token: a fine-grained one cannot delete packages. Leave "github-token:" out and write "permissions: packages: write" in the job, or give a classic token with ${SCOPES.join(' and ')}.`;
    case 'classic':
      return `${scopesLine(headers['x-oauth-scopes'])}, and give its owner the role Admin on the package page.`;
    case 'unknown':
      return `write "permissions: packages: write" in the job, and ${ADMIN} give this repository the role Admin. Outside of that repository use a classic token with ${SCOPES.join(' and ')}; a fine-grained token cannot do it.`;
    default:
      return token satisfies never;
  }
}

/** GitHub lists the scopes of a classic token in each answer; a wider one includes its parts. */
function scopesLine(header: string | undefined): string {
  const given = new Set((header ?? '').split(',').map((scope) => scope.trim()));
  if (given.has('write:packages')) given.add('read:packages');
  const missing = header === undefined ? SCOPES : SCOPES.filter((scope) => !given.has(scope));
  if (missing.length > 0) return `add ${missing.join(' and ')} to the scopes of the token`;
  return `authorize the token for the organisation if that asks for single sign-on`;
}
