import { isFailure } from '../runtime/errors.ts';
import { pick, pickText } from '../runtime/pick.ts';
import { type ApiAnswer, type GitHubApi, parse } from './api.ts';
import { cutAtLine } from './summary.ts';

/** One issue that is opened, kept up to date, and closed again. */
export interface StandingIssue {
  /** `owner/name`. */
  readonly repository: string;
  /** Which one it is, such as `scan ghcr.io/acme/app`; there is one open issue of each. */
  readonly marker: string;
  readonly title: string;
  /** GitHub-flavoured Markdown, without secrets. */
  readonly markdown: string;
}

/** `declined` is no failure: an issue is a view, never the result. */
export type IssueAnswer =
  | { readonly status: 'opened' | 'updated' | 'unchanged' | 'closed'; readonly url: string }
  | { readonly status: 'none' }
  | { readonly status: 'declined'; readonly why: string };

/** So that the open ones are found without reading all issues; GitHub makes it when it is not there. */
const LABEL = 'plimsoll';
/** GitHub takes 65,536 characters; bytes are never fewer. */
const LONGEST = 65_000;

/**
 * Opens the issue, or brings the one that is open up to date (docs.github.com/rest/issues/issues).
 *
 * @param mayOpen - with `false` only one that is open is brought up to date
 * @throws PlimsollError `github-unreachable`, `github-rate-limited`, `github-protocol`
 */
export function putIssue(issue: StandingIssue, api: GitHubApi, mayOpen = true): Promise<IssueAnswer> {
  return orDeclined(async () => {
    const body = bodyOf(issue);
    const open = await findOpen(issue, api);
    if (open === undefined) return mayOpen ? create(issue, body, api) : { status: 'none' };
    if (open.body.trimEnd() === body.trimEnd()) return { status: 'unchanged', url: open.url };
    await change(issue, { number: open.number, change: { body, title: issue.title } }, api);
    return { status: 'updated', url: open.url };
  });
}

/** Closes the issue when it is open. @throws as {@link putIssue} */
export function closeIssue(issue: StandingIssue, api: GitHubApi): Promise<IssueAnswer> {
  return orDeclined(async () => {
    const open = await findOpen(issue, api);
    if (open === undefined) return { status: 'none' };
    const closed = { state: 'closed', state_reason: 'completed', body: bodyOf(issue) };
    await change(issue, { number: open.number, change: closed }, api);
    return { status: 'closed', url: open.url };
  });
}

async function orDeclined(body: () => Promise<IssueAnswer>): Promise<IssueAnswer> {
  try {
    return await body();
  } catch (error) {
    if (!isFailure(error, 'github-denied', 'github-not-found')) throw error;
    return { status: 'declined', why: error.message };
  }
}

async function findOpen({ repository, marker }: StandingIssue, api: GitHubApi) {
  const first = markerLine(marker);
  for await (const page of api.pages(`/repos/${repository}/issues`, { state: 'open', labels: LABEL })) {
    for (const one of page) {
      const body = pickText(one, 'body') ?? '';
      // Pull requests are issues too. What a person wrote under the same marker is theirs.
      if (!body.startsWith(first) || pick(one, 'pull_request') !== undefined) continue;
      if (pick(one, 'user', 'type') !== 'Bot') continue;
      return { number: Number(pick(one, 'number')), url: pickText(one, 'html_url') ?? '', body };
    }
  }
  return undefined;
}

async function create({ repository, title }: StandingIssue, body: string, api: GitHubApi): Promise<IssueAnswer> {
  const sent = { title, body, labels: [LABEL] };
  const answer = parse(await api.send({ method: 'POST', path: `/repos/${repository}/issues`, body: sent }));
  return { status: 'opened', url: pickText(answer, 'html_url') ?? '' };
}

async function change(
  { repository }: StandingIssue,
  { number, change: body }: { readonly number: number; readonly change: object },
  api: GitHubApi,
): Promise<void> {
  const answer: ApiAnswer = await api.send({ method: 'PATCH', path: `/repos/${repository}/issues/${number}`, body });
  parse(answer);
}

/** An HTML comment, which nobody sees. `--` would end it. */
function markerLine(marker: string): string {
  return `<!-- plimsoll: ${marker.replaceAll(/-{2,}|[<>\r\n]/g, '-')} -->\n`;
}

function bodyOf({ marker, markdown }: StandingIssue): string {
  return cutAtLine(`${markerLine(marker)}${markdown.trimEnd()}\n`, LONGEST);
}
