import { accessorySubject } from '../oci/accessory-tag.ts';
import { closureOf } from '../oci/closure.ts';
import type { PlannedDeletion, PlannedKeep } from '../stages/prune/plan.ts';
import type { Spared } from '../stages/prune/apply.ts';
import type { PruneResult } from '../stages/prune.ts';
import { explain, explanationLines } from './prune-explain.ts';
import { bytes } from './bytes.ts';
import { code, codeBlock, details, escape, sections, table } from './markdown.ts';

const SHOWN = 30;
const DAY = 86_400_000;

export interface PruneNames {
  /** Where the policy came from. */
  readonly policy: string;
  /** Tags and digests that somebody asked about. */
  readonly explain?: readonly string[];
}

/** The job summary of a prune: how much goes and why, each version by name, and what keeps the rest. */
export function pruneSummary(result: PruneResult, { policy, explain: asked = [] }: PruneNames): string {
  const { plan, applied, deletions } = result;
  const removed = applied === undefined ? deletions : applied.deleted;
  const now = Date.parse(plan.createdAt);
  const kept = countKept(plan.keep);
  return sections(
    `## ${headline(result)}: ${code(plan.package)}`,
    totals(result),
    warnings(result),
    explanations(result.plan, asked),
    pace(result),
    '### By rule',
    ruleTable(removed, kept),
    removed.length === 0 ? '' : sections(applied === undefined ? '### To delete' : '### Deleted', listed(removed, now)),
    sparedTable('Refused by the registry', applied?.refused ?? []),
    sparedTable('Needed since the plan', applied?.spared ?? []),
    keptRoots(kept, now),
    `Policy: ${escape(policy)} ${code(short(plan.policyDigest))}. The plan, with the path that keeps each version: ${code(result.planFile)}`,
  );
}

function headline({ applied, guard, firstRun, deletions }: PruneResult): string {
  if (applied?.failure !== undefined) return '🛑 Prune stopped';
  if (applied !== undefined) return '🧹 Pruned';
  if (guard !== undefined) return '🟠 Prune plan, over the guards';
  if (firstRun) return '👀 Prune plan, shown for the first time';
  return deletions.length === 0 ? '✅ Nothing to prune' : '📋 Prune plan';
}

function totals({ plan, deletions, applied, guard, firstRun, versions, kept, reclaimedBytes }: PruneResult): string {
  const freed = `${plan.totals.bytesExact || reclaimedBytes === 0 ? '' : 'at most '}${bytes(reclaimedBytes)}`;
  if (applied !== undefined) {
    const done = [versions, applied.deleted.length, kept, applied.restored.length].map(count);
    return table(['Versions', 'Deleted', 'Kept', 'Restored', 'Freed'].map(right), [[...done, freed]]);
  }
  const row = [versions, deletions.length, versions - deletions.length].map(count);
  const columns = ['Versions', 'To delete', 'To keep', 'Frees'].map(right);
  return table(columns, [[...row, guard === undefined && !firstRun ? freed : bytes(plan.totals.reclaimableBytes)]]);
}

/** What a first run says instead of deleting. */
export const FIRST_RUN =
  'This is the first run on the package, so its plan is shown and nothing was deleted. The next run with "mode: apply" deletes.';

function warnings({ plan, guard, firstRun }: PruneResult): string {
  const stops = [...(guard === undefined ? [] : [guard.message]), ...(firstRun ? [FIRST_RUN] : [])];
  const lines = [...stops, ...plan.notes];
  if (lines.length === 0) return '';
  const more = lines.length > SHOWN ? [`… and ${lines.length - SHOWN} more in the plan`] : [];
  return `> [!WARNING]\n${[...lines.slice(0, SHOWN), ...more].map((line) => `> - ${escape(line)}`).join('\n')}`;
}

function pace({ budget, applied, deletions }: PruneResult): string {
  if (deletions.length === 0 || (applied !== undefined && budget.later === 0)) return '';
  const takes = `${budget.now} ${budget.now === 1 ? 'deletion' : 'deletions'}, ${budget.minutes} min`;
  if (budget.later === 0) return `To apply it takes one run: ${takes}.`;
  const when = budget.resetAt === undefined ? '' : ` after ${new Date(budget.resetAt).toISOString().slice(11, 16)} UTC`;
  const runs = budget.runs === 1 ? 'one more run' : `${budget.runs} more runs, an hour apart,`;
  return `The token's limit of requests allows ${takes}; the other ${count(budget.later)} take ${runs}${when}.`;
}

function explanations(plan: PruneResult['plan'], asked: readonly string[]): string {
  if (asked.length === 0) return '';
  const lines = asked.flatMap((reference) => explanationLines(reference, explain(plan, reference)));
  return sections('### Why', codeBlock(lines.join('\n')));
}

/** What is said of the kept, found in one walk over them. */
interface Kept {
  /** By rule: the versions that it keeps, and those that they need. */
  readonly rules: ReadonlyMap<string, { readonly kept: number; readonly needed: number }>;
  readonly roots: number;
  /** The first of the roots. */
  readonly shown: readonly PlannedKeep[];
}

function countKept(items: Iterable<PlannedKeep>): Kept {
  const rules = new Map<string, { kept: number; needed: number }>();
  const shown: PlannedKeep[] = [];
  let roots = 0;
  for (const item of items) {
    const row = rules.get(item.rule) ?? { kept: 0, needed: 0 };
    rules.set(item.rule, row);
    if (item.path.length > 1) row.needed += 1;
    else {
      row.kept += 1;
      roots += 1;
      if (shown.length < SHOWN) shown.push(item);
    }
  }
  return { rules, roots, shown };
}

function ruleTable(removed: readonly PlannedDeletion[], { rules }: Kept): string {
  const rows = new Map<string, { kept: number; needed: number; removed: number }>();
  const at = (rule: string) => {
    const row = rows.get(rule) ?? { kept: 0, needed: 0, removed: 0 };
    rows.set(rule, row);
    return row;
  };
  for (const item of removed) at(item.rule).removed += 1;
  for (const [rule, counts] of rules) Object.assign(at(rule), counts);
  const number = (value: number) => (value === 0 ? '–' : count(value));
  return table(
    ['Rule', right('Delete'), right('Keep'), right('Kept with them')],
    [...rows]
      .toSorted(([, a], [, b]) => b.removed - a.removed || b.kept - a.kept)
      .map(([rule, row]) => [code(rule), number(row.removed), number(row.kept), number(row.needed)]),
  );
}

/** One row per image with everything that goes with it; the first rows open, the rest folded, the whole in the plan. */
function listed(items: readonly PlannedDeletion[], now: number): string {
  const needs = new Map(items.map((item) => [item.digest, item.needs]));
  const sizes = new Map(items.map((item) => [item.digest, item.bytes]));
  const parts = new Set(items.flatMap((item) => item.needs));
  const rows = items
    .filter((item) => !parts.has(item.digest))
    .map((item) => {
      const all = [...closureOf([item.digest], needs)].filter((digest) => sizes.has(digest));
      const size = all.reduce((sum, digest) => sum + (sizes.get(digest) ?? 0), 0);
      return [
        nameOf(item),
        age(item, now),
        code(item.rule),
        all.length === 1 ? '–' : count(all.length - 1),
        bytes(size),
      ];
    });
  const columns = ['Version', 'Age', 'Rule', right('With it'), right('Size')];
  const rest = rows.slice(SHOWN, SHOWN * 10);
  const hidden = rows.length - SHOWN - rest.length;
  return sections(
    table(columns, rows.slice(0, SHOWN)),
    rest.length === 0 ? '' : details(`${rest.length} more`, table(columns, rest)),
    hidden > 0 ? `… and ${count(hidden)} more in the plan.` : '',
  );
}

function sparedTable(heading: string, items: readonly Spared[]): string {
  if (items.length === 0) return '';
  const rows = items.slice(0, SHOWN).map(({ item, reason }) => [nameOf(item), escape(reason)]);
  return sections(`### ${heading} (${items.length})`, table(['Version', 'Why'], rows));
}

function keptRoots({ shown, roots }: Kept, now: number): string {
  if (roots === 0) return '';
  const rows = shown.map((item) => [nameOf(item), age(item, now), code(item.rule)]);
  const more = roots > SHOWN ? `… and ${count(roots - SHOWN)} more in the plan.` : '';
  return details(`Kept by a rule (${count(roots)})`, sections(table(['Version', 'Age', 'Rule'], rows), more));
}

function nameOf({ tags, digest }: { readonly tags: readonly string[]; readonly digest: string }): string {
  // A release says more than the commit tag beside it.
  const [first, ...rest] = tags.toSorted((a, b) => Number(a.startsWith('sha')) - Number(b.startsWith('sha')));
  if (first === undefined) return code(short(digest));
  if (accessorySubject(first) !== undefined) return code(first.replace(/[0-9a-f]{52}(?=$|[.])/, '…'));
  return rest.length === 0 ? code(first) : `${code(first)} +${rest.length}`;
}

function short(digest: string): string {
  return digest.slice(0, digest.indexOf(':') + 13);
}

function age({ createdAt }: { readonly createdAt: string }, now: number): string {
  const days = (now - Date.parse(createdAt)) / DAY;
  if (days < 0) return 'future';
  return days < 1 ? `${Math.floor(days * 24)} h` : `${Math.floor(days)} d`;
}

function right(heading: string) {
  return { heading, align: 'right' as const };
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
