import { appendFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import type { ManifestBlob } from '../../oci/content.ts';
import { algorithmOf, type Digest, digestOf, isDigest } from '../../oci/digest.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import type { PlannedDeletion } from './plan.ts';

const EVENTS = ['deleting', 'deleted', 'gone', 'refused', 'restoring', 'restored'] as const;

export type JournalEvent = (typeof EVENTS)[number];

/** A version as the journal names it. */
export type JournalItem = Pick<PlannedDeletion, 'id' | 'digest' | 'tags'> & {
  /** There where only a push brings it back. */
  readonly manifest?: ManifestBlob;
};

/** Where each step is written down before and after it is taken. */
export interface Journal {
  /** @param manifest where nothing else could bring the item back */
  record(event: JournalEvent, item: JournalItem, manifest?: ManifestBlob): Promise<void>;
}

const LINE = v.object({
  package: v.string(),
  event: v.picklist(EVENTS),
  id: v.pipe(v.number(), v.safeInteger()),
  digest: v.custom<Digest>((value) => typeof value === 'string' && isDigest(value)),
  tags: v.array(v.string()),
  mediaType: v.optional(v.string()),
  manifest: v.optional(v.pipe(v.string(), v.base64())),
});

/** One JSON object per line. What it lists can be restored by id (on GitHub for 30 days), or has its manifest beside it. */
export function fileJournal(file: string, { package: of, now }: { package: string; now: () => Date }): Journal {
  let made: Promise<unknown> | undefined;
  return {
    record: async (event, { id, digest, tags }, manifest) => {
      made ??= mkdir(path.dirname(file), { recursive: true });
      await made;
      const line = { at: now().toISOString(), package: of, event, id, digest, tags, ...textOf(manifest) };
      await appendFile(file, `${JSON.stringify(line)}\n`);
    },
  };
}

export const noJournal: Journal = { record: () => Promise.resolve() };

/**
 * The versions that a run deleted, or may have deleted before it was killed, in the order in which it did.
 * @throws PlimsollError `file-unreadable`, or `input-invalid` when it is no journal, or one of another package
 */
export async function readJournal(file: string, packageName: string): Promise<readonly JournalItem[]> {
  const lines = (await readText(file)).split('\n');
  // A run that was killed while it wrote leaves a last line without an end; its step was not taken yet.
  lines.pop();
  if (lines.length === 0) throw refused(file, 'has no whole line');
  const deleted = new Map<number, JournalItem>();
  for (const [index, line] of lines.entries()) {
    const parsed = v.safeParse(LINE, json(line));
    if (!parsed.success) throw refused(file, `is not a journal of prune: line ${index + 1}`);
    const { package: of, event, mediaType, manifest, ...named } = parsed.output;
    const item = { ...named, ...blobOf(named.digest, { mediaType, manifest }, deleted.get(named.id)) };
    if (of !== packageName) throw refused(file, `is of ${of}, not of ${packageName}`);
    if (event === 'deleting' || event === 'deleted') deleted.set(item.id, item);
    else if (event !== 'restoring') deleted.delete(item.id);
  }
  return [...deleted.values()];
}

function textOf(blob: ManifestBlob | undefined) {
  return blob && { mediaType: blob.mediaType, manifest: blob.bytes.toString('base64') };
}

/** Of this line, or of the one before it about the same version. Only bytes of that digest are believed. */
function blobOf(
  digest: Digest,
  { mediaType = '', manifest }: { readonly mediaType: string | undefined; readonly manifest: string | undefined },
  before: JournalItem | undefined,
): Pick<JournalItem, 'manifest'> {
  if (manifest === undefined) return before?.manifest === undefined ? {} : { manifest: before.manifest };
  const bytes = Buffer.from(manifest, 'base64');
  return digestOf(bytes, algorithmOf(digest)) === digest ? { manifest: { mediaType, digest, bytes } } : {};
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new PlimsollError('file-unreadable', `The journal ${file} cannot be read`, {
      hint: 'Give the path of the file that the output "journal" of the run had; keep it as an artifact to have it later.',
      cause,
    });
  }
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function refused(file: string, problem: string): PlimsollError {
  return new PlimsollError('input-invalid', `The journal ${file} ${problem}`, {
    hint: 'Nothing was restored. Give the file that the output "journal" of the run to undo had, as it was.',
  });
}
