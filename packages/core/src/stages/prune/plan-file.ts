import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
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

const ITEMS_PER_PIECE = 100;

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

/** Writes a plan as it will be read again. Returns it with the hash that seals it. */
export async function writePlan(file: string, body: PlanBody): Promise<PrunePlan> {
  await mkdir(path.dirname(file), { recursive: true });
  const handle = await open(file, 'w');
  try {
    const hash = createHash('sha256');
    const write = pieceWriter(handle);
    for (const piece of jsonPieces(body)) hash.update(await write(piece));
    const sealed: Digest = `sha256:${hash.update('}').digest('hex')}`;
    await write(`,"hash":"${sealed}"}\n`);
    return { ...body, hash: sealed };
  } finally {
    await handle.close();
  }
}

/** Writes text through one buffer: a plan of tens of megabytes should not leave as much behind. */
function pieceWriter(handle: FileHandle): (text: string) => Promise<Buffer> {
  let buffer = Buffer.alloc(0);
  return async (text) => {
    const size = Buffer.byteLength(text);
    if (size > buffer.length) buffer = Buffer.alloc(size * 2);
    const bytes = buffer.subarray(0, buffer.write(text));
    await handle.write(bytes);
    return bytes;
  };
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
  return `sha256:${hash.update('}').digest('hex')}`;
}

/** What `JSON.stringify` gives up to the last brace, a part at a time: as one text the plan of a large package is tens of megabytes. */
function* jsonPieces(body: object): Generator<string> {
  let lead = '{';
  for (const [key, value] of Object.entries(body) as [string, unknown][]) {
    yield `${lead}${JSON.stringify(key)}:`;
    lead = ',';
    if (isList(value)) yield* arrayPieces(value);
    else yield JSON.stringify(value);
  }
}

function isList(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

function* arrayPieces(items: Iterable<unknown>): Generator<string> {
  yield '[';
  let lead = '';
  let piece: unknown[] = [];
  for (const item of items) {
    if (piece.push(item) < ITEMS_PER_PIECE) continue;
    yield lead + JSON.stringify(piece).slice(1, -1);
    lead = ',';
    piece = [];
  }
  if (piece.length > 0) yield lead + JSON.stringify(piece).slice(1, -1);
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
