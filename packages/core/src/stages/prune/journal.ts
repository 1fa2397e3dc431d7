import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { PlannedDeletion } from './plan.ts';

export type JournalEvent = 'deleting' | 'deleted' | 'gone' | 'refused' | 'restoring' | 'restored';

/** Where each step is written down before and after it is taken. */
export interface Journal {
  record(event: JournalEvent, item: Pick<PlannedDeletion, 'id' | 'digest' | 'tags'>): Promise<void>;
}

/** One JSON object per line. What it lists can be restored by id for 30 days. */
export function fileJournal(file: string, now: () => Date): Journal {
  let made: Promise<unknown> | undefined;
  return {
    record: async (event, { id, digest, tags }) => {
      made ??= mkdir(path.dirname(file), { recursive: true });
      await made;
      await appendFile(file, `${JSON.stringify({ at: now().toISOString(), event, id, digest, tags })}\n`);
    },
  };
}

export const noJournal: Journal = { record: () => Promise.resolve() };
