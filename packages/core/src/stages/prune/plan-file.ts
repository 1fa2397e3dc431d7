import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import type { PlanBody } from './plan.ts';

/** A plan as it stands in its file; `hash` is over everything else, as JSON without white space. */
export type PrunePlan = PlanBody & { readonly hash: Digest };

const digest = v.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'not a digest');
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const described = {
  id: count,
  digest,
  tags: v.array(v.string()),
  createdAt: v.pipe(v.string(), v.isoTimestamp()),
  rule: v.string(),
};

const ITEMS_PER_PIECE = 500;

/** The form of a plan file, version 1. */
export const PLAN_SCHEMA = v.strictObject({
  version: v.literal(1),
  package: v.string(),
  createdAt: v.pipe(v.string(), v.isoTimestamp()),
  policyDigest: digest,
  inventoryDigest: digest,
  totals: v.strictObject({
    versions: count,
    delete: count,
    keep: count,
    reclaimableBytes: count,
    bytesExact: v.boolean(),
  }),
  notes: v.array(v.string()),
  delete: v.array(v.strictObject({ ...described, bytes: count, needs: v.array(digest) })),
  keep: v.array(
    v.strictObject({
      ...described,
      path: v.array(v.strictObject({ digest, as: v.picklist(['root', 'child', 'referrer', 'evidence']) })),
    }),
  ),
  hash: digest,
});

export function sealPlan(body: PlanBody): PrunePlan {
  return { ...body, hash: hashOf(body) };
}

export async function writePlan(file: string, plan: PrunePlan): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, filePieces(plan));
}

/**
 * Reads a plan that is to be applied.
 * @throws PlimsollError `file-unreadable`, or `input-invalid` when it is no plan, was edited, or is of another package
 */
export async function readPlan(file: string, packageName: string): Promise<PrunePlan> {
  const raw = parseJson(await readText(file), file);
  const parsed = v.safeParse(PLAN_SCHEMA, raw);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw refused(file, `is not a prune plan: ${v.getDotPath(issue) ?? 'it'}: ${issue.message}`);
  }
  // The schema's output has the schema's key order; the hash is over the order in the file.
  const { hash, ...body } = raw as PrunePlan;
  if (hashOf(body) !== hash) throw refused(file, 'was changed after it was made');
  if (body.package !== packageName) throw refused(file, `is a plan for ${body.package}, not for ${packageName}`);
  return parsed.output;
}

function hashOf(body: object): Digest {
  const hash = createHash('sha256');
  for (const piece of jsonPieces(body)) hash.update(piece);
  return `sha256:${hash.digest('hex')}`;
}

function* filePieces(plan: PrunePlan): Generator<string> {
  yield* jsonPieces(plan);
  yield '\n';
}

/** What `JSON.stringify` gives, a part at a time: as one text the plan of a large package is tens of megabytes. */
function* jsonPieces(body: object): Generator<string> {
  let lead = '{';
  for (const [key, value] of Object.entries(body) as [string, unknown][]) {
    yield `${lead}${JSON.stringify(key)}:`;
    lead = ',';
    if (Array.isArray(value)) yield* arrayPieces(value);
    else yield JSON.stringify(value);
  }
  yield '}';
}

function* arrayPieces(items: readonly unknown[]): Generator<string> {
  yield '[';
  for (let at = 0; at < items.length; at += ITEMS_PER_PIECE)
    yield `${at > 0 ? ',' : ''}${JSON.stringify(items.slice(at, at + ITEMS_PER_PIECE)).slice(1, -1)}`;
  yield ']';
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new PlimsollError('file-unreadable', `The plan ${file} cannot be read`, {
      hint: 'Give the path that the output "plan" had, or leave "plan:" out to plan and apply in one run.',
      cause,
    });
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refused(file, 'is not JSON', cause);
  }
}

function refused(file: string, problem: string, cause?: unknown): PlimsollError {
  return new PlimsollError('input-invalid', `The plan ${file} ${problem}`, {
    hint: 'Plans are applied exactly as they were made: run with "mode: plan", and give the new file.',
    cause,
  });
}
