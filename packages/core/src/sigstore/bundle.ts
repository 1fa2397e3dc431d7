import { type Bundle, bundleFromJSON, bundleToJSON } from '@sigstore/bundle';
import type { Digest } from '../oci/digest.ts';
import { PlimsollError } from '../runtime/errors.ts';
import { decodeStatement, type Statement } from './statement.ts';

export const BUNDLE_MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const MEDIA_TYPES = /^application\/vnd\.dev\.sigstore\.bundle(?:\.v0\.3\+json|\+json;version=0\.[123])$/;
const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** True also for the older spellings, such as `application/vnd.dev.sigstore.bundle+json;version=0.2`. */
export function isBundleType(mediaType: string): boolean {
  return mediaType.startsWith('application/vnd.dev.sigstore.bundle');
}

/** A Sigstore bundle around an in-toto statement. Nothing in it is proven before {@link verifyBundle}. */
export interface AttestationBundle {
  /** Exactly as stored or made. */
  readonly bytes: Buffer;
  readonly bundle: Bundle;
  readonly statement: Statement;
}

/**
 * @throws PlimsollError `manifest-invalid` for anything but a bundle with a signed in-toto statement
 */
export function parseBundle(bytes: Buffer): AttestationBundle {
  const bundle = readBundle(bytes);
  if (bundle.content.$case !== 'dsseEnvelope') throw malformed('it signs bytes directly, not a statement');
  const { payloadType, payload } = bundle.content.dsseEnvelope;
  if (payloadType !== PAYLOAD_TYPE) throw malformed(`its payload type is ${payloadType.slice(0, 100)}`);
  return { bytes, bundle, statement: decodeStatement(payload) };
}

/** True when the statement names this content; a bundle may hang on any image, whoever put it there. */
export function isAbout(statement: Statement, digest: Digest): boolean {
  return statement.subjects.includes(digest);
}

/** The annotations that cosign writes on a bundle's referrer manifest, by which others select bundles. */
export function bundleAnnotations(predicateType: string, created: Date): Record<string, string> {
  return {
    'dev.sigstore.bundle.content': 'dsse-envelope',
    'dev.sigstore.bundle.predicateType': predicateType,
    'org.opencontainers.image.created': `${created.toISOString().slice(0, 19)}Z`,
  };
}

function readBundle(bytes: Buffer): Bundle {
  const { json, bundle } = decode(bytes);
  if (!MEDIA_TYPES.test(bundle.mediaType)) throw malformed('its version is not known');
  // The decoder skips unknown members and mends broken base64; other verifiers refuse both.
  if (!isWithin(json, bundleToJSON(bundle))) throw malformed('it is not written as the format asks');
  return bundle;
}

function decode(bytes: Buffer): { readonly json: unknown; readonly bundle: Bundle } {
  try {
    const json: unknown = JSON.parse(bytes.toString('utf8'));
    return { json, bundle: bundleFromJSON(json) };
  } catch (cause) {
    throw malformed('it cannot be parsed', cause);
  }
}

/** True when everything in `part` stands in `whole` alike; numbers may be written as texts (protobuf JSON mapping). */
function isWithin(part: unknown, whole: unknown): boolean {
  if (typeof part !== 'object' || part === null) return String(part) === String(whole);
  // The encoder leaves empty lists out; other tools write them.
  if (Array.isArray(part) && part.length === 0) return whole === undefined || isEmptyList(whole);
  if (typeof whole !== 'object' || whole === null) return false;
  return Object.entries(part).every(([name, value]) => isWithin(value, Reflect.get(whole, name)));
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function malformed(reason: string, cause?: unknown): PlimsollError {
  return new PlimsollError('manifest-invalid', `This is not a Sigstore bundle with a statement: ${reason}`, {
    hint: 'Sign the image again with cosign 3 or the sign action, both of which write bundles.',
    cause,
  });
}
