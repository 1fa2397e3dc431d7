import * as v from 'valibot';
import { PlimsollError } from '../runtime/errors.ts';
import { type ApiAnswer, type GitHubApi, parse } from './api.ts';
import { packageMissing, type TokenKind } from './package-failure.ts';

/** A container package: the owner, and the name below it (which may contain slashes). */
export interface PackageAddress {
  readonly owner: string;
  readonly name: string;
  /** What asks, so that a refusal can say which line to write. */
  readonly token?: TokenKind;
}

/** Answers that say how an owner is addressed: `/orgs/x`, `/users/x`, or `/user` for the token's own account. */
const Account = v.looseObject({ login: v.string(), type: v.string() });

/**
 * The beginning of the paths of an owner's packages; the wrong one answers 404 for every package.
 * @throws PlimsollError `package-not-found` when there is no such owner, and `github-*`
 */
export async function packageScope(api: GitHubApi, address: PackageAddress): Promise<string> {
  const owner = encodeURIComponent(address.owner);
  const answer = await api.send({ path: `/users/${owner}` });
  if (answer.status === 404) throw packageMissing(address, answer);
  const account = shaped(Account, answer);
  if (account.type === 'Organization') return `/orgs/${owner}`;
  const self = await api.send({ path: '/user' });
  const own = self.status === 200 && shaped(v.looseObject({ login: v.string() }), self).login;
  return own === account.login ? '/user' : `/users/${owner}`;
}

/** Parses and checks the shape of a 2xx answer. @throws PlimsollError `github-*` */
export function shaped<T extends v.GenericSchema>(schema: T, answer: ApiAnswer): v.InferOutput<T> {
  const result = v.safeParse(schema, parse(answer));
  if (result.success) return result.output;
  throw undocumented(answer, v.getDotPath(result.issues[0]) ?? 'the answer');
}

export function undocumented({ request }: ApiAnswer, where: string): PlimsollError {
  return new PlimsollError('github-protocol', `${request}: ${where} is not as documented`, {
    hint: 'Nothing was deleted because of it. Check GITHUB_API_URL and what stands between the runner and GitHub.',
  });
}
