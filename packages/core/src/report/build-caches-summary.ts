import type { BuildCaches } from '../stages/prune/build-caches.ts';
import { bytes } from './bytes.ts';
import { code, sections, table } from './markdown.ts';

const SHOWN = 20;

/** What closed pull requests left in the cache of workflows, one row for each of them. */
export function buildCachesSummary({ planned, deleted }: BuildCaches): string {
  const rows = new Map<number, { keys: string[]; size: number }>();
  for (const { pullRequest, key, size } of planned) {
    const row = rows.get(pullRequest) ?? { keys: [], size: 0 };
    rows.set(pullRequest, { keys: [...row.keys, key], size: row.size + size });
  }
  const total = bytes(planned.reduce((sum, { size }) => sum + size, 0));
  const what = deleted === undefined ? 'To delete' : 'Deleted';
  const cells = [...rows].map(([number, { keys, size }]) => [
    `#${number}`,
    `${code(keys[0] ?? '')}${keys.length > 1 ? ` +${keys.length - 1}` : ''}`,
    bytes(size),
  ]);
  return sections(
    `### Build caches of closed pull requests`,
    planned.length === 0 ? 'None.' : `${what}: ${planned.length}, ${total}.`,
    table(['Pull request', 'Cache', { heading: 'Size', align: 'right' }], cells.slice(0, SHOWN)),
    cells.length > SHOWN ? `… and of ${cells.length - SHOWN} more pull requests.` : '',
  );
}
