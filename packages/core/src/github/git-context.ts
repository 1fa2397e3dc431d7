import { PlimsollError } from '../runtime/errors.ts';
import type { BuildSecret } from '../tools/build-options.ts';
import type { GitContext } from '../tools/git-tree.ts';
import type { GitHubContext } from './context.ts';

/** What of a run decides which repository is meant, and who may read it. */
export type GitRun = Pick<GitHubContext, 'repository' | 'serverUrl' | 'sha' | 'token'>;

const GIT = /^(?:git@[^:]+:.+|(?:git|ssh):\/\/.+|https?:\/\/[^#]+\.git(?:\/)?(?:#.*)?)$/i;
const URL_LIKE = /^[a-z][a-z0-9+.-]*:\/\/|^git@/i;

/**
 * A `context` that is a git repository, `URL[#ref[:directory]]`; nothing for a directory. The repository of the run is
 * taken at the run's commit unless a ref is written.
 *
 * @throws PlimsollError `input-invalid` for another URL, and for one with a password in it
 */
export function readGitContext(text: string, { repository, serverUrl, sha }: GitRun): GitContext | undefined {
  if (!URL_LIKE.test(text)) return undefined;
  if (/^https?:\/\/[^/]*@/i.test(text)) {
    throw invalid('holds a user or a password, which others could read', 'secrets: GIT_AUTH_TOKEN=${{ secrets.NAME }}');
  }
  if (!GIT.test(text))
    throw invalid('is a URL, and none of a git repository', 'context: https://github.com/acme/app.git#main:docker');
  const [url = '', fragment = ''] = text.split(/#(.*)/s);
  const [ref = '', directory = ''] = fragment.split(/:(.*)/s);
  const own = url.replace(/\.git\/?$/, '').toLowerCase() === `${serverUrl}/${repository}`.toLowerCase();
  const wanted = ref || (own ? sha : undefined);
  if (ref.startsWith('-')) throw invalid('has a ref that begins with a dash', 'context: https://host/repo.git#main');
  const subdir = directory.replace(/^\/+|\/+$/g, '');
  if (subdir.split('/').includes('..'))
    throw invalid('has a directory that leads out of the repository', 'context: https://host/repo.git#main:app');
  return { url, ref: wanted, subdir };
}

/**
 * What opens a private repository: the secret `GIT_AUTH_TOKEN` of the build, or for repositories on this GitHub the
 * token of the run. BuildKit gets it as a secret of that host alone.
 */
export function gitToken({ url }: GitContext, secrets: readonly BuildSecret[], { serverUrl, token }: GitRun) {
  const given = secrets.find(({ id }) => id === 'GIT_AUTH_TOKEN' || id === `GIT_AUTH_TOKEN.${hostOf(url)}`);
  if (given !== undefined) return 'value' in given ? given.value : undefined;
  return hostOf(url) !== undefined && hostOf(url) === hostOf(serverUrl) ? token : undefined;
}

/** The secret by which BuildKit opens the repository (BuildKit, `source/git`); none when the build has one of its own. */
export function gitSecret(context: GitContext, secrets: readonly BuildSecret[], run: GitRun): readonly BuildSecret[] {
  const token = gitToken(context, secrets, run);
  const host = hostOf(context.url);
  if (token === undefined || host === undefined || secrets.some(({ id }) => id.startsWith('GIT_AUTH_TOKEN'))) return [];
  return [{ id: `GIT_AUTH_TOKEN.${host}`, value: token }];
}

function hostOf(url: string): string | undefined {
  return /^https?:\/\//i.test(url) && URL.canParse(url) ? new URL(url).host : undefined;
}

function invalid(why: string, example: string): PlimsollError {
  return new PlimsollError('input-invalid', `The input "context" ${why}`, {
    hint: `Check the repository out with actions/checkout and write "context: .", or write "${example}".`,
  });
}
