import type { Log } from '../runtime/log.ts';
import { isFailure } from '../runtime/errors.ts';
import { pick, pickText } from '../runtime/pick.ts';
import { type ApiAnswer, type GitHubApi, parse } from './api.ts';
import type { GitHubContext } from './context.ts';
import { cutMarkdown } from './cut-markdown.ts';
import { markerLine } from './marker.ts';
import { type Author, OwnWriting } from './own-login.ts';

/** What a pull request is told; the next run with the same marker says it anew in the same comment. */
export interface StickyComment {
  /** `owner/name`. */
  readonly repository: string;
  readonly pullRequest: number;
  /** Which comment it is, such as `scan` or `prune ghcr.io/acme/app`; a pull request has one of each. */
  readonly marker: string;
  /** GitHub-flavoured Markdown, without secrets. */
  readonly markdown: string;
}

/** `declined` is no failure: a comment is a view, never the result. */
export type CommentAnswer =
  | { readonly status: 'created' | 'updated' | 'unchanged'; readonly url: string }
  | { readonly status: 'declined'; readonly why: string; readonly todo: string };

interface Comment {
  readonly id: number;
  readonly url: string;
  readonly body: string;
  readonly author: Author;
}

/** GitHub takes 65,536 characters; bytes are never fewer. */
const LONGEST = 65_000;
const ACCESS =
  'Write "permissions: pull-requests: write" in the job. Runs for pull requests from forks and by Dependabot never get it.';
const UNLOCK = 'The conversation of the pull request is locked: unlock it, or leave the comment out.';

/**
 * Creates the comment, or brings the one that is there up to date. Only a comment of this token, or of an app, is taken for
 * it: what anybody else wrote under the same marker could be changed by its author afterwards.
 * docs.github.com/rest/issues/comments.
 * @throws PlimsollError `github-unreachable`, `github-rate-limited`, `github-protocol`
 */
export async function putStickyComment(comment: StickyComment, api: GitHubApi): Promise<CommentAnswer> {
  const body = bodyOf(comment);
  try {
    const present = await findComment(comment, api);
    if (present?.body.trimEnd() === body.trimEnd()) return { status: 'unchanged', url: present.url };
    const updated = present === undefined ? undefined : await update(comment, present, { api, body });
    return updated ?? (await create(comment, { api, body }));
  } catch (error) {
    if (!isFailure(error, 'github-denied', 'github-not-found')) throw error;
    return { status: 'declined', why: error.message, todo: error.message.includes('locked') ? UNLOCK : ACCESS };
  }
}

/**
 * Says it on the pull request of this run. Whatever keeps it from being said is a warning, because what it says is in
 * the job summary as well.
 */
export async function commentOnPullRequest(
  { marker, markdown }: Pick<StickyComment, 'marker' | 'markdown'>,
  { github, api, log }: { readonly github: GitHubContext; readonly api: GitHubApi; readonly log: Log },
): Promise<void> {
  const { repository, pullRequestNumber: pullRequest } = github;
  if (pullRequest === undefined) {
    log.info('Not a run for a pull request, so there is nothing to comment on');
    return;
  }
  try {
    const answer = await putStickyComment({ repository, pullRequest, marker, markdown }, api);
    if (answer.status === 'declined')
      log.warning(`The pull request was not commented on: ${answer.why}. ${answer.todo}`);
    else log.info(`Comment ${answer.status}: ${answer.url}`);
  } catch (error) {
    if (!isFailure(error)) throw error;
    log.warning(`The pull request was not commented on: ${error.message}. ${error.hint}`);
  }
}

async function findComment(comment: StickyComment, api: GitHubApi): Promise<Comment | undefined> {
  const first = markerLine(comment.marker);
  const own = new OwnWriting(api);
  for await (const page of api.pages(commentsPath(comment))) {
    for (const one of page.map(commentOf)) {
      if (one.body.startsWith(first) && (await own.is(one.author))) return one;
    }
  }
  return undefined;
}

interface Write {
  readonly api: GitHubApi;
  readonly body: string;
}

async function create(comment: StickyComment, { api, body }: Write): Promise<CommentAnswer> {
  const answer = await api.send({ method: 'POST', path: commentsPath(comment), body: { body } });
  return { status: 'created', url: urlOf(answer) };
}

/** `undefined` when somebody deleted it in the meantime. */
async function update(
  { repository }: StickyComment,
  { id }: Comment,
  { api, body }: Write,
): Promise<CommentAnswer | undefined> {
  const path = `/repos/${repository}/issues/comments/${id}`;
  const answer = await api.send({ method: 'PATCH', path, body: { body } });
  return answer.status === 404 ? undefined : { status: 'updated', url: urlOf(answer) };
}

function urlOf(answer: ApiAnswer): string {
  return pickText(parse(answer), 'html_url') ?? '';
}

function commentsPath({ repository, pullRequest }: StickyComment): string {
  return `/repos/${repository}/issues/${pullRequest}/comments`;
}

function commentOf(json: unknown): Comment {
  return {
    id: Number(pick(json, 'id')),
    url: pickText(json, 'html_url') ?? '',
    body: pickText(json, 'body') ?? '',
    author: { login: pickText(json, 'user', 'login') ?? '', isBot: pick(json, 'user', 'type') === 'Bot' },
  };
}

function bodyOf({ marker, markdown }: StickyComment): string {
  return cutMarkdown(`${markerLine(marker)}${markdown.trimEnd()}\n`, LONGEST, 'The whole is in the job summary.');
}
