import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { PlimsollError } from '../../runtime/errors.ts';

/** Four different things; only `pass` passes. */
export const OUTCOMES = ['pass', 'fail', 'error', 'incomplete'] as const;
export type Outcome = (typeof OUTCOMES)[number];

const digest = v.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'not a digest');
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const time = v.pipe(v.string(), v.isoTimestamp());

const platform = v.strictObject({
  /** `linux/amd64`, … */
  platform: v.string(),
  digest,
  /** The cosign vulnerability predicate of this platform: a file beside the verdict, and its SHA-256. */
  vulnPredicate: v.optional(v.strictObject({ file: v.string(), digest })),
  /** The same scan as an in-toto vulnerability predicate. */
  vulnsPredicate: v.exactOptional(v.strictObject({ file: v.string(), digest })),
});

const layer = v.strictObject({ name: v.string(), digest });

/**
 * The scan's answer, as it is written to a file, attested, and read back by `sign` and `verify`.
 * It exists for every outcome: evidence of a failed scan is evidence too.
 */
export const verdictSchema = v.strictObject({
  version: v.literal(1),
  /** `digest` is the image's root (usually the index); `platforms` are the manifests, or `files` the layers of an artifact, that were really scanned. */
  subject: v.strictObject({ digest, platforms: v.array(platform), files: v.exactOptional(v.array(layer)) }),
  outcome: v.picklist(OUTCOMES),
  /** Why the outcome is not `pass`, one sentence each; empty for `pass`. */
  reasons: v.array(v.string()),
  /**
   * Of the policy file's bytes, or of the defaults when there is no file; where other files or inputs judged too, over
   * the names and digests of all of them.
   */
  policyDigest: digest,
  /** What it was compared with, where vulnerabilities that were there before did not count. */
  onlyNewSince: v.exactOptional(v.array(v.string())),
  /** Scanners that the job switched off. */
  switchedOff: v.exactOptional(v.array(v.string())),
  counts: v.strictObject({
    critical: count,
    high: count,
    medium: count,
    low: count,
    unknown: count,
    secrets: count,
    misconfigurations: count,
    licences: v.exactOptional(count),
  }),
  blocking: count,
  suppressed: count,
  databases: v.array(v.strictObject({ name: v.string(), source: v.string(), digest, updatedAt: v.nullable(time) })),
  tools: v.array(v.strictObject({ name: v.string(), version: v.string() })),
  startedAt: time,
  finishedAt: time,
});

export type Verdict = v.InferOutput<typeof verdictSchema>;

/** @throws PlimsollError `verdict-missing` when the text is not a verdict */
export function parseVerdict(text: string, label: string): Verdict {
  const parsed = v.safeParse(verdictSchema, parseJson(text, label));
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw notAVerdict(label, `${v.getDotPath(issue) ?? 'it'}: ${issue.message}`);
}

/** @throws PlimsollError `verdict-missing` when the file is not there or is not a verdict */
export async function readVerdict(file: string): Promise<Verdict> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw notAVerdict(file, 'it cannot be read', cause);
  });
  return parseVerdict(text, file);
}

function parseJson(text: string, label: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw notAVerdict(label, 'it is not JSON', cause);
  }
}

function notAVerdict(label: string, why: string, cause?: unknown): PlimsollError {
  return new PlimsollError('verdict-missing', `${label} is not a scan verdict: ${why}`, {
    hint: 'Give the `verdict` output of the scan action, from the same job.',
    cause,
  });
}
