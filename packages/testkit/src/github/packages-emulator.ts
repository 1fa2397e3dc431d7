import type {
  PackageName,
  PackagesLedger,
  RecordedManifest,
  RecordedRead,
  RecordedTag,
  RestRequest,
  RestResponse,
} from './ledger.ts';
import { answerPackage, failure, json, packageNotFound, type RestKnobs } from './package-rest.ts';
import { type PackageOptions, PackageState } from './package-state.ts';

/** What a token may do. `login` is absent for the token of a workflow, which is nobody's. */
export interface TokenGrant {
  readonly login?: string;
  readonly read: boolean;
  /** `delete:packages` or `packages: write`. */
  readonly delete: boolean;
  /** Admin role on the package; without it GitHub says that the package does not exist. */
  readonly admin: boolean;
}

export interface EmulatorOptions extends PackageOptions {
  readonly owners?: Readonly<Record<string, 'Organization' | 'User'>>;
  /** Without it, every token may do everything. */
  readonly tokens?: Readonly<Record<string, TokenGrant>>;
  /** Requests an hour; then 403 with a reset time, as for `GITHUB_TOKEN`. */
  readonly primaryLimit?: number;
}

/** Called before a request is answered; an answer replaces GitHub's own. The place for faults and races. */
export type RestHook = (request: RestRequest, count: number) => RestResponse | undefined;

const PACKAGE_ROUTE = /^\/(?:(orgs|users)\/([^/?]+)|(user))\/packages\/container\/([^/?]+)(.*)$/;
const FULL: TokenGrant = { read: true, delete: true, admin: true };

/** GitHub Packages for containers, as GitHub's REST API behaves, over packages that a registry records or a test makes. */
export class PackagesEmulator implements PackagesLedger {
  readonly requests: RestRequest[] = [];
  readonly knobs: RestKnobs = {};
  onRequest: RestHook | undefined;
  readonly #packages = new Map<string, PackageState>();
  readonly #options: EmulatorOptions;

  constructor(options: EmulatorOptions = {}) {
    this.#options = options;
  }

  /** The package, made when it is not there yet. */
  package(name: PackageName): PackageState {
    const key = `${name.owner}/${name.pkg}`.toLowerCase();
    const found = this.#packages.get(key) ?? new PackageState(this.#options);
    this.#packages.set(key, found);
    return found;
  }

  /** Takes a package that a test made, in place of any other of that name. */
  adopt(name: PackageName, state: PackageState): void {
    this.#packages.set(`${name.owner}/${name.pkg}`.toLowerCase(), state);
  }

  recordManifest(manifest: RecordedManifest): void {
    const state = this.package(manifest);
    state.record(manifest.digest, { bytes: manifest.bytes, mediaType: manifest.mediaType });
    for (const tag of manifest.tags) state.tag(tag, manifest.digest);
  }

  recordTag({ owner, pkg, tag, digest }: RecordedTag): void {
    this.package({ owner, pkg }).tag(tag, digest);
  }

  recordRead({ owner, pkg, reference }: RecordedRead): void {
    const state = this.package({ owner, pkg });
    const version = state.live(state.tags.get(reference) ?? reference);
    if (version !== undefined) version.downloads += 1;
  }

  state(name: PackageName, reference: string): 'live' | 'deleted' | 'unknown' {
    const state = this.#packages.get(`${name.owner}/${name.pkg}`.toLowerCase());
    if (state === undefined) return 'unknown';
    if (state.live(state.tags.get(reference) ?? reference) !== undefined) return 'live';
    const deleted = state.deleted().some((one) => one.digest === reference || one.tagsAtDeletion.includes(reference));
    return deleted ? 'deleted' : 'unknown';
  }

  /** Requests whose method and target match, for assertions on what crossed the wire. */
  count(method: string, target: RegExp): number {
    return this.requests.filter((request) => request.method === method && target.test(request.target)).length;
  }

  handle(request: RestRequest): Promise<RestResponse | undefined> {
    const response = this.#answer(request);
    return Promise.resolve(
      response === undefined ? undefined : { ...response, headers: { ...this.#rateHeaders(), ...response.headers } },
    );
  }

  #answer(request: RestRequest): RestResponse | undefined {
    const owner = /^\/users\/([^/?]+)$/.exec(request.target)?.[1];
    const route = PACKAGE_ROUTE.exec(request.target);
    if (owner === undefined && route === null && request.target !== '/user') return undefined;
    this.requests.push(request);
    const hooked = this.onRequest?.(request, this.requests.length);
    if (hooked !== undefined) return hooked;
    const grant = this.#grant(request);
    if (grant === undefined) return failure(401, 'Bad credentials');
    if (this.requests.length > (this.#options.primaryLimit ?? Number.POSITIVE_INFINITY))
      return failure(403, 'API rate limit exceeded for installation.');
    if (owner !== undefined) return this.#owner(owner);
    if (route === null)
      return grant.login === undefined
        ? failure(403, 'Resource not accessible by integration')
        : json(200, { login: grant.login, type: 'User' });
    return this.#package(request, route, grant);
  }

  #package(request: RestRequest, route: RegExpExecArray, grant: TokenGrant): RestResponse {
    const [, scope, named = '', self, name = '', rest = ''] = route;
    const owner = self === undefined ? named : (grant.login ?? '');
    const wanted = scope === 'orgs' ? 'Organization' : 'User';
    const state = this.#packages.get(`${owner}/${decodeURIComponent(name)}`.toLowerCase());
    if (state === undefined || this.#typeOf(owner) !== wanted) return packageNotFound();
    if (!grant.read) return failure(403, "You need at least read:packages scope to get a package's versions.");
    if (request.method !== 'GET' && !grant.delete) return failure(403, 'Resource not accessible by integration');
    if (request.method !== 'GET' && !grant.admin) return packageNotFound();
    return answerPackage(state, { request, rest, knobs: this.knobs });
  }

  #grant({ headers }: RestRequest): TokenGrant | undefined {
    const { tokens } = this.#options;
    if (tokens === undefined) return FULL;
    return tokens[(headers.authorization ?? '').replace(/^(?:Bearer|token) /i, '')];
  }

  #owner(login: string): RestResponse {
    const type = this.#typeOf(login);
    return type === undefined ? failure(404, 'Not Found') : json(200, { login, id: 1, type });
  }

  #typeOf(owner: string): 'Organization' | 'User' | undefined {
    const { owners } = this.#options;
    return owners === undefined ? 'Organization' : owners[owner];
  }

  #rateHeaders(): Record<string, string> {
    const limit = this.#options.primaryLimit ?? 5_000;
    const reset = Math.ceil((this.#options.now ?? Date.now)() / 1_000) + 3_600;
    const remaining = Math.max(0, limit - this.requests.length);
    return {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-reset': String(reset),
      'x-ratelimit-resource': 'core',
    };
  }
}
