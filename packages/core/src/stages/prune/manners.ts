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

/** GitHub gives 900 points a minute and takes 5 for a deletion: 180. A few are left for others. */
export const GITHUB_MANNERS: Manners = {
  service: 'GitHub',
  listsAll: true,
  deletionsPerMinute: 170,
  batch: 25,
  restoresBy: 'name',
  restorable: 'within 30 days',
};
