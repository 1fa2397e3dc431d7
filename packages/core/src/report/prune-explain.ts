import type { Digest } from '../oci/digest.ts';
import type { PathStep, PlanBody, PlannedDeletion, PlannedKeep } from '../stages/prune/plan.ts';

/** Why one version goes or stays. */
export type Explanation =
  | { readonly is: 'deleted'; readonly item: PlannedDeletion; readonly tags: ReadonlyMap<Digest, string> }
  | { readonly is: 'kept'; readonly item: PlannedKeep; readonly tags: ReadonlyMap<Digest, string> }
  | { readonly is: 'absent' };

const SHORTEST_PREFIX = 'sha256:'.length + 7;
const TIES: Readonly<Record<PathStep['as'], string>> = {
  root: 'is kept by a rule',
  child: 'is part of it',
  referrer: 'is about it (subject)',
  evidence: 'is about it (tag)',
};

/**
 * Looks a version up in a plan.
 * @param reference a tag, a digest, or the beginning of a digest with at least 7 hexadecimal digits
 */
export function explain(plan: PlanBody, reference: string): Explanation {
  const tags = new Map<Digest, string>();
  for (const items of [plan.delete, plan.keep])
    for (const { digest, tags: names } of items) if (names[0] !== undefined) tags.set(digest, names[0]);
  const isMeant = (item: { readonly digest: Digest; readonly tags: readonly string[] }) =>
    item.tags.includes(reference) ||
    item.digest === reference ||
    (reference.length >= SHORTEST_PREFIX && item.digest.startsWith(reference));
  const kept = firstOf(plan.keep, isMeant);
  if (kept !== undefined) return { is: 'kept', item: kept, tags };
  const deleted = plan.delete.find(isMeant);
  return deleted === undefined ? { is: 'absent' } : { is: 'deleted', item: deleted, tags };
}

function firstOf<T>(items: Iterable<T>, test: (item: T) => boolean): T | undefined {
  for (const item of items) if (test(item)) return item;
  return undefined;
}

/** The explanation in lines of plain text, the answer first. */
export function explanationLines(reference: string, found: Explanation): readonly string[] {
  if (found.is === 'absent') return [`${reference}: not in the package, or in no state that this plan knows`];
  const { item, tags } = found;
  const name = (digest: Digest) => tags.get(digest) ?? digest.slice(0, 19);
  if (found.is === 'deleted') {
    const parts = found.item.needs.map(name);
    return [
      `${reference}: to be deleted by the rule ${item.rule}, and nothing that is kept needs it`,
      ...(parts.length > 0 ? [`  with it: ${parts.join(', ')}`] : []),
    ];
  }
  const [root, ...rest] = found.item.path;
  const by = root === undefined || rest.length === 0 ? '' : `, because ${name(root.digest)} is kept`;
  return [
    `${reference}: kept by the rule ${item.rule}${by}`,
    ...found.item.path.map((step, index) => `${'  '.repeat(index + 1)}${name(step.digest)} ${TIES[step.as]}`),
  ];
}
