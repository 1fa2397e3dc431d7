import { PlimsollError } from '../runtime/errors.ts';
import type { BuildSecret } from '../tools/build-options.ts';
import type { GitContext } from '../tools/git-tree.ts';
import type { GitHubContext } from './context.ts';
import { holdsCredentials } from './url-credentials.ts';

/** What of a run decides which repository is meant, and who may read it. */
export type GitRun = Pick<GitHubContext, 'repository' | 'serverUrl' | 'sha' | 'ref' | 'token'>;

const GIT = /^(?:git@[^:]+:.+|(?:git|ssh):\/\/.+|https?:\/\/[^#]+\.git(?:\/)?(?:#.*)?)$/i;
const URL_LIKE = /^[a-z][a-z0-9+.-]*:\/\/|^git@/i;
/** Refs of pull requests, and commits: those of forks are found in the repository that they were forked from. */
const OF_ANYBODY = /^(?:\+|refs\/(?!heads\/|tags\/)|pull\/|[0-9a-f]{7,64}$)/i;

/**
 * A `context` that is a git repository, `URL[#ref[:directory]]`; nothing for a directory. The repository of the run is
 * taken at the run's commit unless a ref is written.
 *
 * @throws PlimsollError `input-invalid` for another URL, and for one with a password in it
 */
export function readGitContext(text: string, run: GitRun): GitContext | undefined {
  if (!URL_LIKE.test(text)) return undefined;
  if (holdsCredentials(text)) {
    throw invalid('holds a user or a password, which others could read', 'secrets: GIT_AUTH_TOKEN=${{ secrets.NAME }}');
  }
  if (!GIT.test(text))
    throw invalid('is a URL, and none of a git repository', 'context: https://github.com/acme/app.git#main:docker');
  const [url = '', fragment = ''] = text.split(/#(.*)/s);
  const [ref = '', directory = ''] = fragment.split(/:(.*)/s);
  const wanted = ref || (isOwn(url, run) ? run.sha : undefined);
  if (ref.startsWith('-')) throw invalid('has a ref that begins with a dash', 'context: https://host/repo.git#main');
  const subdir = directory.replace(/^\/+|\/+$/g, '');
  if (subdir.split('/').includes('..'))
    throw invalid('has a directory that leads out of the repository', 'context: https://host/repo.git#main:app');
  return { url, ref: wanted, subdir };
}

/**
 * What opens a private repository: the secret `GIT_AUTH_TOKEN` of the build, or the token of the run for what its own
 * repository has at the run's commit, a branch or a tag. Nothing else gets that token: BuildKit hands it to every `RUN`
 * that asks for it, so it must not meet a Dockerfile that a stranger may have written.
 */
export function gitToken(context: GitContext, secrets: readonly BuildSecret[], run: GitRun): string | undefined {
  const given = givenSecret(context, secrets);
  if (given !== undefined) return 'value' in given ? given.value : undefined;
  return isTrusted(context, run) ? run.token : undefined;
}

/** The secret by which BuildKit opens the repository (BuildKit, `source/git`); none when the build has one of its own. */
export function gitSecret(context: GitContext, secrets: readonly BuildSecret[], run: GitRun): readonly BuildSecret[] {
  const token = gitToken(context, secrets, run);
  const host = hostOf(context.url);
  if (token === undefined || host === undefined || givenSecret(context, secrets) !== undefined) return [];
  return [{ id: `GIT_AUTH_TOKEN.${host}`, value: token }];
}

function givenSecret({ url }: GitContext, secrets: readonly BuildSecret[]): BuildSecret | undefined {
  return secrets.find(({ id }) => id === 'GIT_AUTH_TOKEN' || id === `GIT_AUTH_TOKEN.${hostOf(url)}`);
}

function isTrusted({ url, ref = '' }: GitContext, run: GitRun): boolean {
  return isOwn(url, run) && (ref === run.sha || ref === run.ref || !OF_ANYBODY.test(ref));
}

function isOwn(url: string, { repository, serverUrl }: GitRun): boolean {
  return url.replace(/\.git\/?$/, '').toLowerCase() === `${serverUrl}/${repository}`.toLowerCase();
}

function hostOf(url: string): string | undefined {
  return /^https?:\/\//i.test(url) && URL.canParse(url) ? new URL(url).host : undefined;
}

function invalid(why: string, example: string): PlimsollError {
  return new PlimsollError('input-invalid', `The input "context" ${why}`, {
    hint: `Check the repository out with actions/checkout and write "context: .", or write "${example}".`,
  });
}
