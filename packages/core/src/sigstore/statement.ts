import * as v from 'valibot';
import { algorithmOf, type Digest, digestOf, hexOf, isDigest } from '../oci/digest.ts';
import { PlimsollError } from '../runtime/errors.ts';
import { PREDICATE_TYPES } from './predicates.ts';

export const STATEMENT_V1 = 'https://in-toto.io/Statement/v1';
/** BuildKit still writes this one into its attestation manifests. */
const STATEMENT_V01 = 'https://in-toto.io/Statement/v0.1';

/** A claim about content, before anybody signed it (in-toto attestation framework, Statement v1). */
export interface Statement {
  /** What the claim is about. Digests only: a name would be wrong after a copy to another repository. */
  readonly subjects: readonly Digest[];
  readonly predicateType: string;
  readonly predicate: unknown;
}

/** `cosign sign` writes exactly this: a statement that says nothing but whom it is about. */
export function signatureStatement(subject: Digest): Statement {
  return { subjects: [subject], predicateType: PREDICATE_TYPES.signature, predicate: {} };
}

/** The bytes to sign. */
export function encodeStatement({ subjects, predicateType, predicate }: Statement): Buffer {
  const subject = subjects.map((digest) => ({ digest: { [algorithmOf(digest)]: hexOf(digest) } }));
  return Buffer.from(JSON.stringify({ _type: STATEMENT_V1, subject, predicateType, predicate }));
}

const STATEMENT = v.object({
  _type: v.picklist([STATEMENT_V1, STATEMENT_V01]),
  subject: v.nullish(v.array(v.object({ digest: v.record(v.string(), v.string()) })), []),
  predicateType: v.string(),
  predicate: v.optional(v.unknown(), {}),
});

/**
 * Reads an in-toto statement, v1 or v0.1.
 * @throws PlimsollError `manifest-invalid`
 */
export function decodeStatement(bytes: Uint8Array): Statement {
  const parsed = v.safeParse(STATEMENT, parseJson(bytes));
  if (!parsed.success) throw notAStatement(parsed.issues[0].message);
  const { subject, predicateType, predicate } = parsed.output;
  const subjects = subject.flatMap((each) => Object.entries(each.digest).map(([name, hex]) => `${name}:${hex}`));
  return { subjects: subjects.filter(isDigest), predicateType, predicate };
}

/**
 * Equal exactly when two statements claim the same about the same content, whatever the order of
 * subjects and keys: an attestation that is there already need not be made again.
 */
export function statementKey({ subjects, predicateType, predicate }: Statement): Digest {
  return digestOf(Buffer.from(canonical([subjects.toSorted(), predicateType, predicate ?? {}])));
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (isRecord(part) ? sorted(part) : part));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw notAStatement('it is not JSON', cause);
  }
}

function notAStatement(reason: string, cause?: unknown): PlimsollError {
  return new PlimsollError('manifest-invalid', `This is not an in-toto statement: ${reason}`, {
    hint: 'The content was damaged or made by another kind of tool. Make the image again with the build action.',
    cause,
  });
}
