import { appendFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import type { PlannedDeletion } from './plan.ts';

const EVENTS = ['deleting', 'deleted', 'gone', 'refused', 'restoring', 'restored'] as const;

export type JournalEvent = (typeof EVENTS)[number];

/** A version as the journal names it. */
export type JournalItem = Pick<PlannedDeletion, 'id' | 'digest' | 'tags'>;

/** Where each step is written down before and after it is taken. */
export interface Journal {
  record(event: JournalEvent, item: JournalItem): Promise<void>;
}

const LINE = v.object({
  package: v.string(),
  event: v.picklist(EVENTS),
  id: v.pipe(v.number(), v.safeInteger()),
  digest: v.custom<Digest>((value) => typeof value === 'string' && isDigest(value)),
  tags: v.array(v.string()),
});

/** One JSON object per line. What it lists can be restored by id for 30 days. */
export function fileJournal(file: string, { package: of, now }: { package: string; now: () => Date }): Journal {
  let made: Promise<unknown> | undefined;
  return {
    record: async (event, { id, digest, tags }) => {
      made ??= mkdir(path.dirname(file), { recursive: true });
      await made;
      await appendFile(file, `${JSON.stringify({ at: now().toISOString(), package: of, event, id, digest, tags })}\n`);
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
    const { package: of, event, ...item } = parsed.output;
    if (of !== packageName) throw refused(file, `is of ${of}, not of ${packageName}`);
    if (event === 'deleting' || event === 'deleted') deleted.set(item.id, item);
    else if (event !== 'restoring') deleted.delete(item.id);
  }
  return [...deleted.values()];
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
