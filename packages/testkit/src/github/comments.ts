import type { JsonAnswer } from '../world/local-server.ts';

export interface EmulatedComment {
  readonly id: number;
  /** `owner/name`. */
  readonly repository: string;
  readonly pullRequest: number;
  readonly author: string;
  readonly isBot: boolean;
  body: string;
}

const LIST = /^\/repos\/([^/]+\/[^/]+)\/issues\/(\d+)\/comments$/;
const ONE = /^\/repos\/[^/]+\/[^/]+\/issues\/comments\/(\d+)$/;
const PER_PAGE = 30;

/** Comments of issues and pull requests (docs.github.com/rest/issues/comments): lists, creates, changes. */
export class Comments {
  readonly all: EmulatedComment[] = [];
  /** Whoever asks may read and not write, as the token of a pull request from a fork. */
  readOnly = false;

  add(comment: Omit<EmulatedComment, 'id'>): EmulatedComment {
    const made = { ...comment, id: 1000 + this.all.length };
    this.all.push(made);
    return made;
  }

  /** `undefined` for what is none of its business. */
  handle(method: string, url: URL, body: Buffer): JsonAnswer | undefined {
    const [, repository, number] = LIST.exec(url.pathname) ?? [];
    const id = ONE.exec(url.pathname)?.[1];
    if (repository === undefined && id === undefined) return undefined;
    if (method !== 'GET' && this.readOnly)
      return { status: 403, body: { message: 'Resource not accessible by integration' } };
    if (id !== undefined) return this.#change(Number(id), body);
    const pullRequest = Number(number);
    if (method === 'GET') return this.#list(repository ?? '', pullRequest, url);
    const author = { author: 'github-actions[bot]', isBot: true, body: textOf(body) };
    return { status: 201, body: shown(this.add({ repository: repository ?? '', pullRequest, ...author })) };
  }

  #list(repository: string, pullRequest: number, url: URL): JsonAnswer {
    const found = this.all.filter((one) => one.repository === repository && one.pullRequest === pullRequest);
    const size = Math.min(100, Number(url.searchParams.get('per_page') ?? PER_PAGE));
    const page = Number(url.searchParams.get('page') ?? 1);
    const next = new URL(url);
    next.searchParams.set('page', String(page + 1));
    const link = page * size < found.length ? { headers: { link: `<${next.href}>; rel="next"` } } : {};
    return { status: 200, body: found.slice((page - 1) * size, page * size).map(shown), ...link };
  }

  #change(id: number, body: Buffer): JsonAnswer {
    const found = this.all.find((one) => one.id === id);
    if (found === undefined) return { status: 404, body: { message: 'Not Found' } };
    found.body = textOf(body);
    return { status: 200, body: shown(found) };
  }
}

function textOf(body: Buffer): string {
  return (JSON.parse(body.toString()) as { body: string }).body;
}

function shown({ id, author, isBot, body, repository, pullRequest }: EmulatedComment) {
  const html_url = `https://github.com/${repository}/pull/${pullRequest}#issuecomment-${id}`;
  return { id, body, html_url, user: { login: author, type: isBot ? 'Bot' : 'User' } };
}
