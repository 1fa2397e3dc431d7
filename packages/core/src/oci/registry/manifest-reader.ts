import { PlimsollError } from '../../runtime/errors.ts';
import type { HttpResponse } from '../../runtime/http.ts';
import type { ManifestBlob, ManifestReceipt } from '../content.ts';
import type { Descriptor } from '../descriptor.ts';
import { algorithmOf, type Digest, digestOf, isDigest } from '../digest.ts';
import { bareMediaType, isManifestType } from '../media-types.ts';
import type { Read } from './exchange.ts';
import { protocolFailure } from './failure.ts';

/** Types that proxies put in place of the real one; the `mediaType` inside is then believed. */
const VAGUE: ReadonlySet<string> = new Set(['', 'application/json', 'application/octet-stream', 'text/plain']);

/**
 * The manifest in an answer to GET, proven: against the digest asked for, else the digest that the
 * registry names, else at least as whole JSON.
 *
 * @param reference - the tag or digest that was asked for
 */
export async function readManifest(response: HttpResponse, reference: string): Promise<ManifestBlob> {
  const bytes = await response.bytes();
  const expected = isDigest(reference) ? reference : namedDigest(response);
  const digest = digestOf(bytes, expected === undefined ? 'sha256' : algorithmOf(expected));
  if (expected !== undefined && digest !== expected) throw wrongDigest(response.url, expected, digest);
  const type = bareMediaType(response.headers['content-type']);
  if (expected !== undefined && !VAGUE.has(type)) return { mediaType: type, digest, bytes };
  const claimed = claimedType(bytes);
  return { mediaType: VAGUE.has(type) ? claimed : type, digest, bytes };
}

/** The descriptor in an answer to HEAD; `undefined` when the registry leaves out what is needed for one. */
export function headDescriptor({ headers, url }: HttpResponse, reference: string): Descriptor | undefined {
  const mediaType = bareMediaType(headers['content-type']);
  const digest = namedDigest({ headers });
  const size = Number(headers['content-length'] ?? Number.NaN);
  if (
    isDigest(reference) &&
    digest !== undefined &&
    digest !== reference &&
    algorithmOf(digest) === algorithmOf(reference)
  ) {
    throw wrongDigest(url, reference, digest);
  }
  const named = isDigest(reference) ? reference : digest;
  if (named === undefined || !isManifestType(mediaType) || !Number.isSafeInteger(size) || size === 0) return undefined;
  return { mediaType, digest: named, size };
}

/** What the registry says of a manifest it took: that it is this one, and whether it lists it as a referrer. */
export async function readReceipt(response: HttpResponse, digest: Digest): Promise<ManifestReceipt> {
  await response.discard();
  const stored = namedDigest(response);
  if (stored !== undefined && stored !== digest && algorithmOf(stored) === algorithmOf(digest)) {
    throw wrongDigest(response.url, digest, stored);
  }
  const subject = response.headers['oci-subject'];
  return {
    ...(subject !== undefined && isDigest(subject) ? { subject } : {}),
    ...(stored === digest ? { stored } : {}),
  };
}

function namedDigest({ headers }: Pick<HttpResponse, 'headers'>): Digest | undefined {
  const text = headers['docker-content-digest'];
  return text !== undefined && isDigest(text) ? text : undefined;
}

/** @throws SyntaxError, which the exchange reports as a breach of protocol */
function claimedType(bytes: Buffer): string {
  const document = JSON.parse(bytes.toString('utf8')) as { mediaType?: unknown } | null;
  return typeof document?.mediaType === 'string' ? document.mediaType : '';
}

function wrongDigest(url: URL, expected: Digest, got: Digest): PlimsollError {
  const cause = protocolFailure({ method: 'GET', url }, 'content and digest disagree');
  return new PlimsollError('digest-mismatch', `${url.host}${url.pathname} is ${got}, not ${expected}`, {
    hint: 'The registry or something in front of it changed the content. Nothing of it was used.',
    cause,
  });
}

/** The same, where there may be none. */
export function readIfThere(reference: string): Read<ManifestBlob | undefined> {
  return async (response) => {
    if (response.status === 200) return readManifest(response, reference);
    await response.discard();
    return undefined;
  };
}
