import { createHash } from 'node:crypto';
import type { JsonAnswer } from '../world/local-server.ts';
import type { RepositoryStore } from '../world/repository-store.ts';

const ROUTE =
  /^\/repos\/([^/]+\/[^/]+)\/(?:(branches)|git\/matching-refs\/tags\/(.*)|commits\/([^/]+)|git\/(trees|blobs)\/([^/]+))$/;
const NOT_FOUND: JsonAnswer = { status: 404, body: { message: 'Not Found' } };

/** Commits, trees and blobs of the emulated repositories (docs.github.com/rest/git), each ref one commit. */
export class GitData {
  /** Answers every tree as cut short, as GitHub does above 100,000 entries. */
  truncated = false;
  /** Names of tags by repository. */
  readonly tags = new Map<string, readonly string[]>();
  readonly #store: RepositoryStore;

  constructor(store: RepositoryStore) {
    this.#store = store;
  }

  /** `undefined` for what is none of its business. */
  handle(method: string, url: URL): JsonAnswer | undefined {
    const [, repository, branches, tags, commit, kind, sha = ''] = ROUTE.exec(url.pathname) ?? [];
    if (repository === undefined || method !== 'GET') return undefined;
    if (!this.#store.names.has(repository)) return NOT_FOUND;
    if (this.#store.unreadable.has(repository))
      return { status: 403, body: { message: 'Resource not accessible by integration' } };
    if (branches !== undefined) return { status: 200, body: this.#store.refs(repository).map((name) => ({ name })) };
    if (tags !== undefined) return { status: 200, body: this.#tags(repository, tags) };
    if (commit !== undefined) return this.#commit(repository, decodeURIComponent(commit));
    return kind === 'trees' ? this.#tree(repository, sha) : this.#blob(repository, sha);
  }

  #tags(repository: string, prefix: string): readonly object[] {
    const matching = (this.tags.get(repository) ?? []).filter((name) => name.startsWith(prefix));
    return matching.map((name) => ({ ref: `refs/tags/${name}`, object: { type: 'commit', sha: id(name) } }));
  }

  #commit(repository: string, ref: string): JsonAnswer {
    if (this.#store.filesAt(repository, ref).size === 0)
      return { status: 422, body: { message: `No commit found for SHA: ${ref}` } };
    return { status: 200, body: { sha: id(ref), commit: { tree: { sha: id(`tree of ${ref}`) } } } };
  }

  #tree(repository: string, sha: string): JsonAnswer {
    const ref = this.#store.refs(repository).find((name) => name === sha || id(`tree of ${name}`) === sha);
    if (ref === undefined) return NOT_FOUND;
    const files = [...this.#store.filesAt(repository, ref)];
    const tree = files.map(([path, bytes]) => ({ path, mode: '100644', type: 'blob', sha: blobId(bytes) }));
    return { status: 200, body: { sha, tree, truncated: this.truncated } };
  }

  #blob(repository: string, sha: string): JsonAnswer {
    const all = this.#store.refs(repository).flatMap((ref) => [...this.#store.filesAt(repository, ref).values()]);
    const bytes = all.find((one) => blobId(one) === sha);
    if (bytes === undefined) return NOT_FOUND;
    return { status: 200, body: { sha, encoding: 'base64', size: bytes.length, content: bytes.toString('base64') } };
  }
}

function id(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}

function blobId(bytes: Buffer): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
