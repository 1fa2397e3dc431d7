import * as v from 'valibot';
import { PlimsollError } from '../runtime/errors.ts';
import { DigestSchema } from './manifest.ts';
import { isTag } from './reference.ts';
import type { ReferrerManifest } from './referrers.ts';

/** Artifact type of a record's referrer and media type of its one blob. */
export const PROMOTION_RECORD_TYPE = 'application/vnd.plimsoll.promotion.v1+json';

const text = (longest: number) => v.pipe(v.string(), v.nonEmpty(), v.maxLength(longest));

/** What a tag pointed to before, and the record of the promotion that had put it there, if one was found. */
const Previous = v.object({ digest: DigestSchema, record: v.exactOptional(DigestSchema) });

const Move = v.object({
  /** The moving tag: a channel such as `prod`, or `latest`. */
  tag: v.pipe(v.string(), v.check(isTag, 'not a tag')),
  /** Absent when the tag is new. */
  previous: v.exactOptional(Previous),
});

/** One image whose tags were to move. */
const target = {
  /** Registry and repository. A record that was copied elsewhere with its image is no history there. */
  repository: text(512),
  /** What the tags were moved to: what the record hangs on. */
  digest: DigestSchema,
  moves: v.pipe(v.array(Move), v.minLength(1), v.maxLength(100)),
};

const Member = v.object(target);

const RecordSchema = v.object({
  ...target,
  /** Everything that was to move together, this image too: from it a run that was killed half-way is recognised. */
  family: v.exactOptional(v.pipe(v.array(Member), v.maxLength(100))),
  version: v.exactOptional(text(128)),
  at: v.pipe(v.string(), v.isoTimestamp()),
  /** Who started the run. */
  by: text(256),
  /** Address of the run. */
  run: v.exactOptional(text(1024)),
  reason: v.exactOptional(text(1024)),
  /** The tags went back to a digest that they had pointed to. */
  rollback: v.exactOptional(v.literal(true)),
  /** Today's policy was not met, and somebody decided to go on. */
  emergency: v.exactOptional(v.literal(true)),
});

/**
 * One promotion, as it hangs on the digest that was promoted. Each names the record before it by digest, so that the
 * history of a tag is a chain in which nobody writes what another has written.
 *
 * Nothing in it is proven: whoever may push can attach one. It proposes digests; only verification accepts one.
 */
export type PromotionRecord = v.InferOutput<typeof RecordSchema>;
export type RecordedTarget = v.InferOutput<typeof Member>;
export type RecordedMove = v.InferOutput<typeof Move>;
export type PreviousPromotion = v.InferOutput<typeof Previous>;

/** The referrer of a record: equal records give equal referrers. */
export function recordReferrer(record: PromotionRecord): ReferrerManifest {
  const { at, version } = record;
  return {
    artifactType: PROMOTION_RECORD_TYPE,
    annotations: {
      'org.opencontainers.image.created': at,
      ...(version === undefined ? {} : { 'org.opencontainers.image.version': version }),
    },
    blobs: [{ mediaType: PROMOTION_RECORD_TYPE, bytes: Buffer.from(JSON.stringify(record)) }],
  };
}

/** @throws PlimsollError `history-unknown` for anything but a record */
export function parseRecord(bytes: Uint8Array): PromotionRecord {
  const parsed = v.safeParse(RecordSchema, parseJson(bytes));
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw unknownHistory(`${v.getDotPath(issue) ?? 'a record'}: ${issue.message}`);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw unknownHistory('a record is not JSON', cause);
  }
}

/** Of a history that exists and cannot be read: it is never taken for none. */
export function unknownHistory(why: string, cause?: unknown): PlimsollError {
  return new PlimsollError('history-unknown', `The promotion records cannot be relied on: ${why}`, {
    hint: 'Name the digest to go back to, as registry/repository@sha256:…, in place of what the records say.',
    cause,
  });
}
