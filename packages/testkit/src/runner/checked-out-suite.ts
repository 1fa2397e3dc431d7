import { cp } from 'node:fs/promises';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../../..');

/** What a job that uses the suite reads of it; the rest, such as `node_modules`, act would copy for each step. */
const PARTS = ['action.yml', 'actions', 'dist', '.github'];
const UNREAD = new Set(['src', 'lib', 'node_modules']);

/** This repository as the runner has it when a job uses one of its actions or workflows. */
export async function checkOutSuite(directory: string): Promise<string> {
  const filter = (file: string) => !UNREAD.has(path.basename(file));
  for (const part of PARTS) await cp(path.join(root, part), path.join(directory, part), { recursive: true, filter });
  return directory;
}
