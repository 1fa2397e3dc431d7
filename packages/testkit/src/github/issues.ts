import type { JsonAnswer } from '../world/local-server.ts';

export interface EmulatedIssue {
  readonly number: number;
  /** `owner/name`. */
  readonly repository: string;
  readonly isBot: boolean;
  /** Who opened it, when it is no bot; `octo` unless given. */
  readonly author?: string;
  readonly labels: readonly string[];
  title: string;
  body: string;
  state: 'open' | 'closed';
}

const LIST = /^\/repos\/([^/]+\/[^/]+)\/issues$/;
const ONE = /^\/repos\/[^/]+\/[^/]+\/issues\/(\d+)$/;

/** Issues (docs.github.com/rest/issues/issues): lists by state and label, opens, changes. */
export class Issues {
  readonly all: EmulatedIssue[] = [];
  /** Whoever asks may read and not write. */
  readOnly = false;

  /** `undefined` for what is none of its business. */
  handle(method: string, url: URL, body: Buffer): JsonAnswer | undefined {
    const repository = LIST.exec(url.pathname)?.[1];
    const number = ONE.exec(url.pathname)?.[1];
    if (repository === undefined && number === undefined) return undefined;
    if (method !== 'GET' && this.readOnly)
      return { status: 403, body: { message: 'Resource not accessible by integration' } };
    if (number !== undefined) return method === 'PATCH' ? this.#change(Number(number), body) : undefined;
    return method === 'GET' ? this.#list(repository ?? '', url) : this.#open(repository ?? '', body);
  }

  #open(repository: string, body: Buffer): JsonAnswer {
    const { title = '', body: text = '', labels = [] } = JSON.parse(body.toString()) as Partial<EmulatedIssue>;
    const number = this.all.length + 1;
    const made: EmulatedIssue = { number, repository, isBot: true, labels, title, body: text, state: 'open' };
    this.all.push(made);
    return { status: 201, body: shown(made) };
  }

  #list(repository: string, url: URL): JsonAnswer {
    const label = url.searchParams.get('labels');
    const state = url.searchParams.get('state') ?? 'open';
    const found = this.all.filter(
      (each) =>
        each.repository === repository && each.state === state && (label === null || each.labels.includes(label)),
    );
    return { status: 200, body: found.map(shown) };
  }

  #change(number: number, body: Buffer): JsonAnswer {
    const issue = this.all.find((each) => each.number === number);
    if (issue === undefined) return { status: 404, body: { message: 'Not Found' } };
    const { title, body: text, state } = JSON.parse(body.toString()) as Partial<EmulatedIssue>;
    issue.title = title ?? issue.title;
    issue.body = text ?? issue.body;
    issue.state = state ?? issue.state;
    return { status: 200, body: shown(issue) };
  }
}

function shown({ number, repository, isBot, author = 'octo', labels, title, body, state }: EmulatedIssue): object {
  return {
    number,
    html_url: `https://github.com/${repository}/issues/${number}`,
    user: { login: isBot ? 'github-actions[bot]' : author, type: isBot ? 'Bot' : 'User' },
    labels: labels.map((name) => ({ name })),
    title,
    body,
    state,
  };
}
