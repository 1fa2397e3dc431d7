import { readFileSync } from 'node:fs';
import { closureOf } from '@plimsoll/core/oci/closure';
import type { Digest } from '@plimsoll/core/oci/digest';
import { bytes } from '@plimsoll/core/report/bytes';
import type { PlanBody, PlannedKeep } from '@plimsoll/core/stages/prune/plan';

type Named = Pick<PlannedKeep, 'digest' | 'tags' | 'rule'>;

/** A plan of prune as a person wants to read it: each image that goes or stays, with its rule and what goes with it. */
export function planLines(file: string): readonly string[] {
  const plan = JSON.parse(readFileSync(file, 'utf8')) as PlanBody;
  const needs = new Map<Digest, readonly Digest[]>(plan.delete.map((item) => [item.digest, item.needs]));
  const parts = new Set(plan.delete.flatMap((item) => item.needs));
  const gone = plan.delete
    .filter(({ digest }) => !parts.has(digest))
    .map((item) => line('−', item, closureOf([item.digest], needs).size - 1));
  const staying = [...plan.keep];
  const kept = staying
    .filter(({ path }) => path.length === 1)
    .map((item) =>
      line('+', item, staying.filter(({ path }) => path.length > 1 && path[0]?.digest === item.digest).length),
    );
  const { totals } = plan;
  return [
    ...gone,
    ...kept,
    `${totals.delete} of ${totals.versions} versions go, ${totals.bytesExact ? '' : 'at most '}${bytes(totals.reclaimableBytes)}`,
  ];
}

function line(sign: string, { digest, tags, rule }: Named, others: number): string {
  const name = tags.length === 0 ? digest.slice(0, 19) : tags.map((tag) => tag.slice(0, 16)).join(', ');
  return `${sign} ${name.padEnd(24)} ${rule}${others > 0 ? `, with ${others} more that belong to it` : ''}`;
}
