import type { JsonAnswer } from '../world/local-server.ts';

const LIST = /^\/repos\/[^/]+\/[^/]+\/commits$/;
const COMPARE = /^\/repos\/[^/]+\/[^/]+\/compare\/[^/]+\.\.\.(?<commit>[0-9a-f]{40})$/;

/** Which commit comes after which (docs.github.com/rest/commits/commits). */
export class CommitList {
  /** The commits of the default branch, the newest first. */
  readonly branch: string[] = [];
  /** Commits that never came to the default branch, each with the one that it was made on. */
  readonly strays = new Map<string, string>();
  /** The job has no `contents: read`. */
  denied = false;

  /** `undefined` for what is none of its business. */
  handle(method: string, url: URL): JsonAnswer | undefined {
    const compared = COMPARE.exec(url.pathname)?.groups?.['commit'];
    if (method !== 'GET' || (compared === undefined && !LIST.test(url.pathname))) return undefined;
    if (this.denied) return { status: 403, body: { message: 'Resource not accessible by integration' } };
    return compared === undefined ? this.#list(url.searchParams.get('sha') ?? '') : this.#compare(compared);
  }

  #list(commit: string): JsonAnswer {
    const base = this.strays.get(commit);
    const at = this.branch.indexOf(base ?? commit);
    if (at < 0) return { status: 404, body: { message: 'Not Found' } };
    const found = [...(base === undefined ? [] : [commit]), ...this.branch.slice(at)];
    return { status: 200, body: found.map((sha) => ({ sha })) };
  }

  #compare(commit: string): JsonAnswer {
    if (this.strays.has(commit)) return { status: 200, body: { status: 'diverged' } };
    const at = this.branch.indexOf(commit);
    if (at < 0) return { status: 404, body: { message: 'Not Found' } };
    return { status: 200, body: { status: at === 0 ? 'identical' : 'behind' } };
  }
}
