/** How one kind of registry has to be treated, where it matters to a run. */
export interface Manners {
  /** Who is asked, for messages: `GitHub`, `Quay`, `the registry`. */
  readonly service: string;
  /** The list holds every version. Where it does not, what is pinned is looked for beside the list. */
  readonly listsAll: boolean;
  /** Deletions in any minute; none where the registry sets no limit. */
  readonly deletionsPerMinute?: number;
  /** Deletions between two looks at what happened meanwhile. */
  readonly batch: number;
  /** What was deleted comes back by its name, or only when its manifest is pushed again. */
  readonly restoresBy: 'name' | 'push';
  /** How long something deleted can be restored, for messages. */
  readonly restorable: string;
}

/** Each look asks for every tag, so a larger repository is looked at less often. */
const SMALLEST_BATCH = 25;
const LARGEST_BATCH = 500;
const TAGS_PER_DELETION = 4;

/** Deletions between two looks, where a look costs a request for each tag. */
export function sizedBatch(tags: number): number {
  return Math.min(LARGEST_BATCH, Math.max(SMALLEST_BATCH, Math.ceil(tags / TAGS_PER_DELETION)));
}

/** GitHub gives 900 points a minute and takes 5 for a deletion: 180. A few are left for others. */
export const GITHUB_MANNERS: Manners = {
  service: 'GitHub',
  listsAll: true,
  deletionsPerMinute: 170,
  batch: 25,
  restoresBy: 'name',
  restorable: 'within 30 days',
};
