import { createHash } from 'node:crypto';
import { repositoryPayload } from './identity.ts';
import type { JsonAnswer } from './local-server.ts';

const CONTENTS = /^\/repos\/([^/]+\/[^/]+)\/contents\/?(.*)$/;
const REPOSITORY = /^\/repos\/([^/]+\/[^/]+)$/;

export interface StoredFile {
  readonly repository: string;
  readonly path: string;
  /** Branch, tag or commit, without `refs/heads/`. */
  readonly ref: string;
  readonly content: string | Buffer;
}

/** The repositories of the emulated GitHub: their existence, and files at refs. */
export class RepositoryStore {
  /** Full names; a repository that is not here does not exist for any token. */
  readonly names: Set<string>;
  /** Repositories whose contents the token may not read, as without `permissions: contents: read`. */
  readonly unreadable = new Set<string>();
  readonly #files = new Map<string, Buffer>();

  constructor(names: Iterable<string>) {
    this.names = new Set(names);
  }

  /** Puts a file into the default branch. */
  setFile(repository: string, path: string, content: string | Buffer): void {
    this.setFileAt({ repository, path, ref: 'main', content });
  }

  /** Puts a file at any branch, tag or commit. */
  setFileAt({ repository, path, ref, content }: StoredFile): void {
    this.names.add(repository);
    this.#files.set(`${repository} ${ref} ${path}`, Buffer.from(content));
  }

  removeFile(repository: string, path: string, ref = 'main'): void {
    this.#files.delete(`${repository} ${ref} ${path}`);
  }

  /** What a repository has at a ref, by path; none for a ref at which nothing was put. */
  filesAt(repository: string, ref: string): ReadonlyMap<string, Buffer> {
    const prefix = `${repository} ${ref} `;
    const found = [...this.#files].filter(([key]) => key.startsWith(prefix));
    return new Map(found.map(([key, content]) => [key.slice(prefix.length), content]));
  }

  /** Refs at which something was put. */
  refs(repository: string): readonly string[] {
    const keys = [...this.#files.keys()].filter((key) => key.startsWith(`${repository} `));
    return [...new Set(keys.map((key) => key.split(' ')[1] ?? ''))];
  }

  /** Answers `/repos/{owner}/{repo}` and its contents (docs.github.com/rest/repos/contents); `undefined` otherwise. */
  handle(url: URL): JsonAnswer | undefined {
    const plain = REPOSITORY.exec(url.pathname)?.[1];
    if (plain !== undefined) return this.names.has(plain) ? ok(repositoryPayload(plain)) : NOT_FOUND;
    const [, repository, encoded = ''] = CONTENTS.exec(url.pathname) ?? [];
    if (repository === undefined) return undefined;
    if (!this.names.has(repository)) return NOT_FOUND;
    if (this.unreadable.has(repository))
      return { status: 403, body: message('Resource not accessible by integration') };
    const ref = (url.searchParams.get('ref') || 'main').replace(/^refs\/(?:heads|tags)\//, '');
    return this.#contents(repository, ref, decodeURIComponent(encoded));
  }

  #contents(repository: string, ref: string, path: string): JsonAnswer {
    const file = this.#files.get(`${repository} ${ref} ${path}`);
    if (file !== undefined) return ok(fileContent(path, file));
    const below = this.#below(`${repository} ${ref} `, path === '' ? '' : `${path}/`);
    // The root of a repository is there even when nothing was put into it.
    return below.length > 0 || path === '' ? ok(below) : NOT_FOUND;
  }

  #below(prefix: string, folder: string): unknown[] {
    const names = [...this.#files.keys()]
      .filter((key) => key.startsWith(`${prefix}${folder}`))
      .map((key) => key.slice(prefix.length + folder.length).split('/'));
    const unique = new Map(names.map(([first = '', ...rest]) => [first, rest.length > 0 ? 'dir' : 'file']));
    return [...unique].map(([name, type]) => ({ name, path: `${folder}${name}`, type }));
  }
}

const NOT_FOUND: JsonAnswer = { status: 404, body: message('Not Found') };

function ok(body: unknown): JsonAnswer {
  return { status: 200, body };
}

/** GitHub breaks base64 into lines of 60 characters. */
function fileContent(path: string, bytes: Buffer): unknown {
  const sha = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  const content = bytes.toString('base64').replace(/.{60}/g, '$&\n');
  const name = path.split('/').at(-1);
  return { type: 'file', encoding: 'base64', size: bytes.length, name, path, sha, content };
}

function message(text: string): unknown {
  return { message: text, documentation_url: 'https://docs.github.com/rest' };
}
