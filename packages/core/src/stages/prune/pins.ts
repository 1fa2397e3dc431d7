import type { Digest } from '../../oci/digest.ts';
import type { Judgement, PackageVersion, Verdict } from '../../policy/retention-rules.ts';

/** What is in use according to something outside of the package, each with the rule that it is kept by. */
export interface Pins {
  readonly digests: ReadonlyMap<Digest, string>;
  readonly tags: ReadonlyMap<string, string>;
  /** What names nothing, or nothing that can be resolved. */
  readonly notes: readonly string[];
}

export const NO_PINS: Pins = { digests: new Map(), tags: new Map(), notes: [] };

/** The first of several reasons is the one that is told. */
export function mergePins(all: readonly Pins[]): Pins {
  const merge = <K>(maps: readonly ReadonlyMap<K, string>[]) => new Map(maps.toReversed().flatMap((map) => [...map]));
  return {
    digests: merge(all.map((one) => one.digests)),
    tags: merge(all.map((one) => one.tags)),
    notes: all.flatMap((one) => one.notes),
  };
}

/** Makes roots of the pinned versions; pure. Whatever the policy says of them, they stay with all that they need. */
export function applyPins<T extends Judgement>(versions: readonly PackageVersion[], judgement: T, pins: Pins): T {
  const verdicts = new Map<number, Verdict>(judgement.verdicts);
  for (const { id, digest, tags } of versions) {
    const rule = pins.digests.get(digest) ?? tags.flatMap((tag) => pins.tags.get(tag) ?? [])[0];
    if (rule !== undefined && verdicts.get(id)?.is !== 'keep') verdicts.set(id, { is: 'keep', rule });
  }
  return { ...judgement, verdicts, notes: [...judgement.notes, ...pins.notes, ...absentTags(versions, pins)] };
}

/** Digests may be of other packages, and tags only guesses; a tag that a file writes down is neither. */
function absentTags(versions: readonly PackageVersion[], { tags }: Pins): string[] {
  const known = new Set(versions.flatMap((version) => version.tags));
  return [...tags]
    .filter(([tag, rule]) => /^protect\/(?:file|git) /.test(rule) && !known.has(tag))
    .map(([tag, rule]) => `${rule} names ${tag}, which is not in the package`);
}
