import { isFailure } from '../runtime/errors.ts';
import { pick, pickText } from '../runtime/pick.ts';
import { type ApiAnswer, type GitHubApi, parse } from './api.ts';
import { type IssuePart, issueBody, readParts } from './issue-body.ts';
import { markerLine } from './marker.ts';
import { OwnWriting } from './own-login.ts';

/** One issue that is opened, kept up to date, and closed again when nothing is left to say in it. */
export interface StandingIssue {
  /** `owner/name`. */
  readonly repository: string;
  /** Which one it is, such as `scan ghcr.io/acme/app`; there is one open issue of each. */
  readonly marker: string;
  readonly title: string;
  /** What is said in it now; of another name, such as of another digest, it says what it said before. */
  readonly part: IssuePart;
}

/** `declined` is no failure: an issue is a view, never the result. */
export type IssueAnswer =
  | { readonly status: 'opened' | 'updated' | 'unchanged' | 'closed'; readonly url: string }
  | { readonly status: 'none' }
  | { readonly status: 'declined'; readonly why: string };

/** So that the open ones are found without reading all issues; GitHub makes it when it is not there. */
const LABEL = 'plimsoll';

/**
 * Opens the issue, or brings the one that is open up to date (docs.github.com/rest/issues/issues).
 *
 * @param mayAdd - with `false` only a part that is in an open issue already is brought up to date
 * @throws PlimsollError `github-unreachable`, `github-rate-limited`, `github-protocol`
 */
export function putIssue(issue: StandingIssue, api: GitHubApi, mayAdd = true): Promise<IssueAnswer> {
  return orDeclined(async () => {
    const [open, ...twins] = await findOpen(issue, api);
    const { marker, part } = issue;
    if (open === undefined) return mayAdd ? create(issue, issueBody(marker, [part]), api) : { status: 'none' };
    const before = partsOf([open, ...twins]);
    if (!mayAdd && !before.has(part.name)) return { status: 'none' };
    const body = issueBody(marker, [...before.set(part.name, part).values()]);
    // Jobs that began at the same time may each have opened one.
    for (const twin of twins) await change(issue, { number: twin.number, change: CLOSED }, api);
    if (open.body.trimEnd() === body.trimEnd()) return { status: 'unchanged', url: open.url };
    await change(issue, { number: open.number, change: { body, title: issue.title } }, api);
    return { status: 'updated', url: open.url };
  });
}

/** Takes the part out of the issue when one is open, and closes it when none is left. @throws as {@link putIssue} */
export function closeIssue(issue: StandingIssue, api: GitHubApi): Promise<IssueAnswer> {
  return orDeclined(async () => {
    const [open, ...twins] = await findOpen(issue, api);
    if (open === undefined) return { status: 'none' };
    const { marker, part } = issue;
    const left = partsOf([open, ...twins]);
    const known = left.delete(part.name) || left.size === 0;
    if (!known) return { status: 'unchanged', url: open.url };
    for (const twin of twins) await change(issue, { number: twin.number, change: CLOSED }, api);
    const isOver = left.size === 0;
    const body = issueBody(marker, isOver ? [{ ...part, name: '' }] : [...left.values()]);
    await change(issue, { number: open.number, change: { ...(isOver ? CLOSED : {}), body } }, api);
    return { status: isOver ? 'closed' : 'updated', url: open.url };
  });
}

const CLOSED = { state: 'closed', state_reason: 'completed' };

interface OpenIssue {
  readonly number: number;
  readonly url: string;
  readonly body: string;
}

/** By name; the first issue's word counts. */
function partsOf(open: readonly OpenIssue[]): Map<string, IssuePart> {
  const parts = new Map<string, IssuePart>();
  for (const part of open.flatMap(({ body }) => readParts(body))) if (!parts.has(part.name)) parts.set(part.name, part);
  return parts;
}

async function orDeclined(body: () => Promise<IssueAnswer>): Promise<IssueAnswer> {
  try {
    return await body();
  } catch (error) {
    if (!isFailure(error, 'github-denied', 'github-not-found')) throw error;
    return { status: 'declined', why: error.message };
  }
}

/** Oldest first. */
async function findOpen({ repository, marker }: StandingIssue, api: GitHubApi): Promise<readonly OpenIssue[]> {
  const first = markerLine(marker);
  const own = new OwnWriting(api);
  const found: OpenIssue[] = [];
  for await (const page of api.pages(`/repos/${repository}/issues`, { state: 'open', labels: LABEL })) {
    for (const one of page) {
      // Who edits one in the browser gets other line ends.
      const body = (pickText(one, 'body') ?? '').replaceAll('\r\n', '\n');
      // Pull requests are issues too. What a person wrote under the same marker is theirs.
      if (!body.startsWith(first) || pick(one, 'pull_request') !== undefined) continue;
      const author = { login: pickText(one, 'user', 'login') ?? '', isBot: pick(one, 'user', 'type') === 'Bot' };
      if (!(await own.is(author))) continue;
      found.push({ number: Number(pick(one, 'number')), url: pickText(one, 'html_url') ?? '', body });
    }
  }
  return found.toSorted((a, b) => a.number - b.number);
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
