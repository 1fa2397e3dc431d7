import * as v from 'valibot';
import type { PackageVersion } from '../policy/retention-rules.ts';
import { PlimsollError } from '../runtime/errors.ts';
import { type ApiAnswer, type GitHubApi, parse } from './api.ts';
import { answerFailure, isRateLimit } from './api-failure.ts';
import { denied, packageMissing } from './package-failure.ts';
import { type PackageAddress, packageScope, shaped, undocumented } from './package-scope.ts';
import { type Quota, quotaOf } from './quota.ts';
import { UnlikeVersions, versionIn, versionsIn } from './version-list.ts';

/** What GitHub says of a package as a whole. */
export interface PackageInfo {
  /** Absent where the server does not count. */
  readonly versionCount?: number;
  readonly visibility?: string;
}

export interface VersionsPage {
  readonly versions: readonly PackageVersion[];
  /** Number of the last page, from `Link`; this page when there is no other. */
  readonly last: number;
}

/**
 * - `gone`: somebody else deleted it, which is what was wanted.
 * - `refused`: GitHub will not delete this one version (last tagged, over 5,000 downloads); others may go.
 */
export type Deletion = { readonly is: 'deleted' | 'gone' } | { readonly is: 'refused'; readonly reason: string };

const Info = v.looseObject({ version_count: v.optional(v.number()), visibility: v.optional(v.string()) });

const PER_PAGE = 100;

/** One package on the REST plane. docs.github.com/rest/packages/packages. */
export class GitHubPackage {
  readonly #api: GitHubApi;
  readonly #address: PackageAddress;
  readonly #path: string;
  #quota: Quota | undefined;

  private constructor(api: GitHubApi, address: PackageAddress, scope: string) {
    this.#api = api;
    this.#address = address;
    this.#path = `${scope}/packages/container/${encodeURIComponent(address.name)}`;
  }

  /**
   * Finds out how the owner is addressed; the wrong way answers 404 for every package.
   * @throws PlimsollError `package-not-found` when there is no such owner, and `github-*`
   */
  static async open(api: GitHubApi, address: PackageAddress): Promise<GitHubPackage> {
    return new GitHubPackage(api, address, await packageScope(api, address));
  }

  /** @throws PlimsollError `package-not-found`, `github-*` */
  async info(): Promise<PackageInfo> {
    const info = shaped(Info, await this.#call('GET', ''));
    return {
      ...(info.version_count !== undefined && { versionCount: info.version_count }),
      ...(info.visibility !== undefined && { visibility: info.visibility }),
    };
  }

  /** One page of 100. @throws PlimsollError `package-not-found`, `github-*` */
  async page(page: number, state: 'active' | 'deleted'): Promise<VersionsPage> {
    const query = { per_page: String(PER_PAGE), page: String(page), state };
    const answer = await this.#call('GET', '/versions', query);
    return { versions: versions(answer, versionsIn), last: lastPage(answer, page) };
  }

  /** `undefined` when the version is deleted. */
  async version({ id }: Pick<PackageVersion, 'id'>): Promise<PackageVersion | undefined> {
    const answer = await this.#send('GET', `/versions/${id}`);
    return answer.status === 404 ? undefined : versions(this.#accepted(answer), versionIn);
  }

  /** @throws PlimsollError `github-denied` when the token may not delete anything here */
  async delete({ id }: Pick<PackageVersion, 'id'>): Promise<Deletion> {
    const answer = await this.#send('DELETE', `/versions/${id}`);
    if (answer.status >= 200 && answer.status < 300) return { is: 'deleted' };
    if (answer.status === 400)
      return { is: 'refused', reason: answerFailure(answer).message.replace(/^.*?: 400 ?/, '') };
    if (answer.status !== 404) throw this.#failure(answer);
    // GitHub says 404 also to a token without the Admin role; then the version is still there to see.
    if ((await this.version({ id })) !== undefined) throw denied(this.#address, answer);
    return { is: 'gone' };
  }

  /** Undeletes within 30 days. False when it cannot be restored any more. */
  async restore({ id }: Pick<PackageVersion, 'id'>): Promise<boolean> {
    const answer = await this.#send('POST', `/versions/${id}/restore`);
    if (answer.status === 404) return false;
    this.#accepted(answer);
    return true;
  }

  quota(): Quota | undefined {
    return this.#quota;
  }

  async #call(method: 'GET', below: string, query: Readonly<Record<string, string>> = {}): Promise<ApiAnswer> {
    return this.#accepted(await this.#send(method, below, query));
  }

  async #send(
    method: 'GET' | 'POST' | 'DELETE',
    below: string,
    query: Readonly<Record<string, string>> = {},
  ): Promise<ApiAnswer> {
    const answer = await this.#api.send({ method, path: this.#path + below, query });
    this.#quota = quotaOf(answer) ?? this.#quota;
    return answer;
  }

  #accepted(answer: ApiAnswer): ApiAnswer {
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw this.#failure(answer);
  }

  #failure(answer: ApiAnswer): PlimsollError {
    if (answer.status === 404) return packageMissing(this.#address, answer);
    return answer.status === 403 && !isRateLimit(answer) ? denied(this.#address, answer) : answerFailure(answer);
  }
}

function versions<T>(answer: ApiAnswer, read: (value: unknown) => T): T {
  try {
    return read(parse(answer));
  } catch (error) {
    if (error instanceof UnlikeVersions) throw undocumented(answer, error.message);
    throw error;
  }
}

/** A list that goes on without saying how far could not be proven complete. */
function lastPage(answer: ApiAnswer, page: number): number {
  const link = answer.headers['link'] ?? '';
  const last = /<([^<>]+)>;\s*rel="last"/.exec(link)?.[1];
  if (last !== undefined) return Number(new URL(last).searchParams.get('page'));
  if (!link.includes('rel="next"')) return page;
  throw new PlimsollError('github-protocol', `${answer.request}: the list does not say which page is the last`, {
    hint: 'Check GITHUB_API_URL and what stands between the runner and GitHub.',
  });
}
