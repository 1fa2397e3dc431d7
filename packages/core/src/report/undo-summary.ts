import type { JournalItem } from '../stages/prune/journal.ts';
import type { UndoneRun } from '../stages/prune/undo-run.ts';
import { code, escape, sections, table } from './markdown.ts';

const SHOWN = 30;

/** The job summary of `mode: restore`. */
export function undoSummary(run: UndoneRun, packageName: string): string {
  const right = (heading: string) => ({ heading, align: 'right' as const });
  const counts = [run.restored, run.present, run.lost, run.retagged].map((list) => String(list.length));
  return sections(
    `## ${run.lost.length > 0 ? '🛑 Not everything could be restored' : '↩️ Restored'}: ${code(packageName)}`,
    table(['Restored', 'Already there', 'Lost', 'Tags set again'].map(right), [counts]),
    listed('Restored', run.restored),
    listed('Lost', run.lost),
    run.moved.length === 0 ? '' : `Tags that point elsewhere by now were left alone: ${run.moved.map(code).join(', ')}`,
  );
}

function listed(heading: string, items: readonly JournalItem[]): string {
  if (items.length === 0) return '';
  const rows = items.slice(0, SHOWN).map(({ id, digest, tags }) => [String(id), code(digest), escape(tags.join(', '))]);
  const more = items.length > SHOWN ? `… and ${items.length - SHOWN} more in the journal.` : '';
  return sections(`### ${heading} (${items.length})`, table(['Version', 'Digest', 'Tags'], rows), more);
}
