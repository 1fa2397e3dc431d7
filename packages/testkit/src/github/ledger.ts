/** A container package as GitHub names it: the owner, and the name below it (which may contain slashes). */
export interface PackageName {
  readonly owner: string;
  readonly pkg: string;
}

/** A manifest that a registry accepted. GitHub makes one package version of each digest. */
export interface RecordedManifest extends PackageName {
  readonly digest: string;
  readonly mediaType: string;
  /** Tags that this push moved to the digest; empty for a push by digest. */
  readonly tags: readonly string[];
  readonly bytes: Buffer;
}

/** A tag that now points to a digest that is already recorded. */
export interface RecordedTag extends PackageName {
  readonly tag: string;
  readonly digest: string;
}

/** A manifest that a client read; GitHub counts these as downloads. */
export interface RecordedRead extends PackageName {
  /** Tag or digest, as asked for. */
  readonly reference: string;
}

/** A request to the GitHub REST API with its body read. */
export interface RestRequest {
  readonly method: string;
  /** Path and query as sent, percent-encoding untouched (`acme%2Fapp` stays encoded), without an API prefix. */
  readonly target: string;
  /** Scheme, host, port and prefix of the API, for absolute URLs in `Link`; without a slash at the end. */
  readonly apiUrl: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface RestResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The two planes of GitHub Packages meet here: the registry records what was pushed, and the REST
 * API lists, deletes and restores it. A digest deleted through REST is gone from the registry.
 */
export interface PackagesLedger {
  recordManifest(manifest: RecordedManifest): void;
  recordTag(tag: RecordedTag): void;
  recordRead(read: RecordedRead): void;
  /**
   * What the registry plane must say of a tag or digest: `deleted` answers 404 MANIFEST_UNKNOWN even
   * though the storage behind it still has the bytes, `unknown` is left to the storage.
   */
  state(name: PackageName, reference: string): 'live' | 'deleted' | 'unknown';
  /** Answers the routes below `/orgs`, `/users` and `/user` that are about packages; `undefined` for any other. */
  handle(request: RestRequest): Promise<RestResponse | undefined>;
}
