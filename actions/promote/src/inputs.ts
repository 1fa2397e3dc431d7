import type { ActionContext } from '@plimsoll/core/github/action';
import type { CredentialEntry } from '@plimsoll/core/oci/auth/credentials';
import {
  isTag,
  parseReference,
  parseRepositoryName,
  type Reference,
  type RepositoryName,
  repositoryLabel,
} from '@plimsoll/core/oci/reference';
import { PlimsollError } from '@plimsoll/core/runtime/errors';
import type { TagWishes } from '@plimsoll/core/stages/promote/wanted-tags';
import type { IdentityInputs } from '@plimsoll/core/stages/verify/rules';

/** Every input that action.yml declares. */
export const INPUTS = [
  'source',
  'destination',
  'tags',
  'create-semver-tags',
  'include-sha-tags',
  'fail-if-dest-exists',
  'policy',
  'certificate-identity',
  'certificate-oidc-issuer',
  'source-repository',
  'trusted-root',
  'source-username',
  'source-password',
  'dest-username',
  'dest-password',
  'registry-auth',
  'github-token',
  'dry-run',
] as const;

export type PromoteContext = ActionContext<(typeof INPUTS)[number]>;

export interface PromoteInputs {
  readonly source: Reference;
  readonly destination: RepositoryName;
  readonly tags: TagWishes;
  readonly identity: IdentityInputs;
  /** Path. */
  readonly trustedRoot: string | undefined;
  readonly sourceLogin: readonly CredentialEntry[];
  readonly destinationLogin: readonly CredentialEntry[];
  readonly dryRun: boolean;
}

/** @throws PlimsollError `input-*`, `reference-invalid`, `digest-invalid`, `digest-required` */
export function readPromoteInputs(context: PromoteContext): PromoteInputs {
  const { inputs } = context;
  const source = parseReference(inputs.required('source'));
  const destination = parseRepositoryName(inputs.required('destination'));
  if (source.tag === undefined && source.digest === undefined) throw nothingNamed(repositoryLabel(source));
  return Object.freeze({
    source,
    destination,
    tags: {
      names: readTags(inputs.lines('tags')),
      semver: inputs.boolean('create-semver-tags'),
      sha: inputs.boolean('include-sha-tags'),
      sourceTag: source.tag,
      failIfExists: inputs.boolean('fail-if-dest-exists'),
    },
    identity: {
      certificateIdentity: inputs.text('certificate-identity'),
      certificateOidcIssuer: inputs.text('certificate-oidc-issuer'),
      sourceRepository: inputs.text('source-repository'),
    },
    trustedRoot: inputs.text('trusted-root'),
    sourceLogin: readLogin(context, 'source', source.registry),
    destinationLogin: readLogin(context, 'dest', destination.registry),
    dryRun: inputs.boolean('dry-run'),
  });
}

function readTags(lines: readonly string[]): readonly string[] {
  if (lines.length === 0) {
    throw new PlimsollError('input-missing', 'The input "tags" is required', {
      hint: 'Write one tag per line, such as the output "tags" of the build action.',
    });
  }
  const bad = lines.find((line) => !isTag(line));
  if (bad === undefined) return [...new Set(lines)];
  throw new PlimsollError('input-invalid', `The input "tags" has "${bad.slice(0, 150)}", which is not a tag`, {
    hint: 'A tag has at most 128 letters, digits, dots, dashes and underscores, and starts with a letter, digit or underscore.',
  });
}

/** A name without a password, or the reverse, is a secret that resolved to nothing. */
function readLogin({ inputs }: PromoteContext, end: 'source' | 'dest', registry: string): readonly CredentialEntry[] {
  const username = inputs.text(`${end}-username`);
  const password = inputs.secret(`${end}-password`);
  if (username === undefined && password === undefined) return [];
  if (username !== undefined && password !== undefined) return [{ registry, username, password }];
  const [given, empty] = username === undefined ? ['password', 'username'] : ['username', 'password'];
  throw new PlimsollError('input-conflict', `"${end}-${given}" was given, but "${end}-${empty}" is empty`, {
    hint: `Check that the secret behind "${end}-${empty}" exists and is passed to this workflow.`,
  });
}

function nothingNamed(label: string): PlimsollError {
  return new PlimsollError('digest-required', `"${label}" names a repository, not an image`, {
    hint: `Write ${label}@sha256:… with the digest that the job before gave as output, or ${label}:sha-<commit>.`,
  });
}
