import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';
import type { KnownTags } from './referrer-discovery.ts';

/** A manifest or index exactly as stored: the digest is over `bytes`. */
export interface ManifestBlob {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly bytes: Buffer;
}

/** Bytes on their way. Ends with an error, never quietly short, when digest or size do not match. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** Where content is read from: a layout directory or a repository of a registry. */
export interface ContentSource {
  /** What a person calls it, such as `127.0.0.1:5000/acme/app`; for messages. */
  readonly label: string;
  /** The descriptor behind a tag or digest; `undefined` only when it is certainly absent. */
  resolve(reference: string): Promise<Descriptor | undefined>;
  /** @throws PlimsollError `registry-not-found`, `digest-mismatch`, and what the transport throws */
  manifest(reference: string): Promise<ManifestBlob>;
  blob(descriptor: Descriptor): Promise<ByteStream>;
  /**
   * Everything whose `subject` is this digest, from every place where it may be recorded.
   *
   * @param tags - what is known of all tags: a fallback tag that is not among them is not asked for
   */
  referrers(subject: Digest, tags?: KnownTags): Promise<readonly Descriptor[]>;
  /** Every tag; left out by a source that has none. */
  tags?(): Promise<readonly string[]>;
}

/** A source that holds one image. */
export interface RootedContent extends ContentSource {
  readonly root: Descriptor;
}

/** Where content is written to. Nothing here moves a tag except `putManifest` with a tag. */
export interface ContentTarget extends ContentSource {
  hasBlob(descriptor: Descriptor): Promise<boolean>;
  /** Which of these are on record as referrers of a subject, without reading them. */
  recorded(subject: Digest, wanted: readonly Digest[]): Promise<ReadonlySet<Digest>>;
  /** Uploads unless it is there; `open` may be called again for a retry. */
  putBlob(descriptor: Descriptor, open: () => Promise<ByteStream>): Promise<void>;
  /** Stores a manifest under its digest, or under a tag as well when `reference` is one. */
  putManifest(manifest: ManifestBlob, reference?: string): Promise<ManifestReceipt>;
}

/** What a target said when it took a manifest. */
export interface ManifestReceipt {
  /** The manifest's `subject`, when the target itself lists referrers of it (`OCI-Subject`). */
  readonly subject?: Digest;
  /** What it stored, in its own words. */
  readonly stored?: Digest;
}

/** How a blob may get there more cheaply, and who watches. */
export interface PutBlobOptions {
  /** The caller has asked already, and it is not there. */
  readonly absent?: boolean;
  /** A repository of the same registry that has the blob. */
  readonly from?: string;
  /** Sees the bytes that are sent, such as a progress meter; hands them on unchanged. */
  readonly count?: (bytes: ByteStream) => ByteStream;
}

/** Where a whole graph is copied to. */
export interface CopyTarget extends ContentTarget {
  /** What it has now, read and not remembered. */
  look(reference: string): Promise<Descriptor | undefined>;
  putBlob(descriptor: Descriptor, open: () => Promise<ByteStream>, options?: PutBlobOptions): Promise<void>;
}
