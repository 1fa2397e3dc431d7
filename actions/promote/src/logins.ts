import type { CredentialEntry } from '@plimsoll/core/oci/auth/credentials';
import type { RepositoryName } from '@plimsoll/core/oci/reference';
import { PlimsollError } from '@plimsoll/core/runtime/errors';
import type { PromoteContext } from './inputs.ts';

/**
 * The login that the inputs of one end give, for the one registry there. A name without a password, or the reverse, is
 * a secret that resolved to nothing.
 * @throws PlimsollError `input-conflict`
 */
export function readLogin(
  { inputs }: PromoteContext,
  end: 'source' | 'dest',
  names: readonly RepositoryName[],
): readonly CredentialEntry[] {
  const username = inputs.text(`${end}-username`);
  const password = inputs.secret(`${end}-password`);
  if (username === undefined && password === undefined) return [];
  if (username === undefined || password === undefined) throw halfGiven(end, username === undefined);
  const [registry, ...others] = new Set(names.map((name) => name.registry));
  if (registry === undefined || others.length > 0) throw ambiguous(end);
  return [{ registry, username, password }];
}

function halfGiven(end: string, withoutName: boolean): PlimsollError {
  const [given, empty] = withoutName ? ['password', 'username'] : ['username', 'password'];
  return new PlimsollError('input-conflict', `"${end}-${given}" was given, but "${end}-${empty}" is empty`, {
    hint: `Check that the secret behind "${end}-${empty}" exists and is passed to this workflow.`,
  });
}

function ambiguous(end: string): PlimsollError {
  return new PlimsollError('input-conflict', `"${end}-username" is one login, but there are several registries`, {
    hint: 'Write one entry per registry under "registry-auth:" instead.',
  });
}
