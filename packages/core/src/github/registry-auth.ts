import * as v from 'valibot';
import { parseDocument } from 'yaml';
import { type CredentialEntry, type Credentials, credentialHost, listCredentials } from '../oci/auth/credentials.ts';
import { PlimsollError } from '../runtime/errors.ts';
import type { GitHubContext } from './context.ts';
import type { Environment } from './host.ts';
import type { Secrets } from './secrets.ts';

const FORM = `Write a list, each entry with all three keys:
registry-auth: |
  - registry: quay.io
    username: acme+robot
    password: \${{ secrets.QUAY_TOKEN }}`;

const entrySchema = v.strictObject({
  registry: v.pipe(v.string(), v.regex(/^(?:https?:\/\/)?[\w.[\]:-]+(?:\/[^\s@]*)?$/, 'not a registry host')),
  username: v.pipe(v.string(), v.minLength(1, 'empty')),
  password: v.pipe(v.string(), v.minLength(1, 'empty; is the secret set, and may this event read it?')),
});

/**
 * Reads the `registry-auth` input and masks every password in it. No message quotes a value.
 * @throws PlimsollError `credentials-invalid`
 */
export function parseRegistryAuth(text: string | undefined, secrets: Secrets): readonly CredentialEntry[] {
  if (text === undefined) return [];
  // The failsafe schema leaves every scalar a text: a password of digits is no number.
  const document = parseDocument(text, { schema: 'failsafe', prettyErrors: false, uniqueKeys: true });
  if (document.errors.length + document.warnings.length > 0) throw invalid('is not YAML');
  const parsed = v.safeParse(v.array(entrySchema), document.toJS());
  if (!parsed.success) throw invalid(describe(parsed.issues[0]));
  for (const entry of parsed.output) secrets.maskCredential(entry);
  refuseTwice(parsed.output);
  return parsed.output;
}

/** The job's own token as a login to GitHub's container registry. */
export function githubCredentials(github: GitHubContext, env: Environment, secrets: Secrets): Credentials {
  if (github.token === undefined) return listCredentials([]);
  const entry = { registry: ghcrHost(github.serverUrl, env), username: github.actor, password: github.token };
  secrets.maskCredential(entry);
  return listCredentials([entry]);
}

/** `ghcr.io`, or `containers.<host>` on a server of one's own; `PLIMSOLL_GHCR_HOST` names another. */
export function ghcrHost(serverUrl: string, env: Environment): string {
  const named = env['PLIMSOLL_GHCR_HOST'];
  if (named) return named;
  const { host } = new URL(serverUrl);
  return host === 'github.com' ? 'ghcr.io' : `containers.${host}`;
}

function refuseTwice(entries: readonly CredentialEntry[]): void {
  const seen = new Set<string>();
  for (const { registry } of entries) {
    const host = credentialHost(registry);
    if (seen.has(host)) throw invalid(`names ${host} twice`);
    seen.add(host);
  }
}

/** Place and kind of the problem; the issue's own text would quote what was given. */
function describe(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  if (path === null) return 'is not a list';
  const last = issue.path?.at(-1);
  if (last?.origin === 'key') return `has ${issue.expected === 'never' ? 'an unknown key' : 'no key'} at "${path}"`;
  return `has something else than expected at "${path}"${issue.kind === 'validation' ? `: ${issue.message}` : ''}`;
}

function invalid(what: string): PlimsollError {
  return new PlimsollError('credentials-invalid', `The input "registry-auth" ${what}`, { hint: FORM });
}
