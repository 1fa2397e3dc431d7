import { releaseOf } from '../policy/release.ts';
import type { ClassedTag } from '../policy/tags.ts';

/** A tag that moves to an image only while no higher stable version of its line is published. */
export interface HighestRule {
  /** `1.2.3`. */
  readonly version: string;
  /** `1.2`, `1`, or empty for all versions. */
  readonly line: string;
  /** What stands around the versions of this family of tags. */
  readonly prefix: string;
  readonly suffix: string;
}

export interface RuledTag extends ClassedTag {
  readonly highest?: HighestRule | undefined;
}

export interface SettledTags<Tag extends RuledTag> {
  readonly tags: readonly Tag[];
  /** Tags that stay where they are, each with the version that is higher. */
  readonly held: readonly { readonly name: string; readonly higher: string }[];
}

/**
 * Leaves out the tags that a higher version holds, so that a fix for an old line does not move `latest` back.
 * @param published every tag in the repository
 */
export function settleHighest<Tag extends RuledTag>(
  tags: readonly Tag[],
  published: readonly string[],
): SettledTags<Tag> {
  const judged = tags.map((tag) => ({ tag, higher: tag.highest && higherThan(tag.highest, published) }));
  return {
    tags: judged.filter(({ higher }) => higher === undefined).map(({ tag }) => tag),
    held: judged.flatMap(({ tag, higher }) => (higher === undefined ? [] : [{ name: tag.name, higher }])),
  };
}

/** The highest published version of the line above the rule's own, if there is one. */
function higherThan({ version, line, prefix, suffix }: HighestRule, published: readonly string[]): string | undefined {
  const own = releaseOf(version);
  if (own === undefined) return undefined;
  const versions = published
    .filter((tag) => tag.length > prefix.length + suffix.length && tag.startsWith(prefix) && tag.endsWith(suffix))
    .map((tag) => tag.slice(prefix.length, tag.length - suffix.length))
    .filter((text) => /^v?\d+\.\d+\.\d+$/.test(text))
    .flatMap((text) => releaseOf(text) ?? [])
    .filter((release) => line === '' || `${release.version}.`.startsWith(`${line}.`));
  const [highest] = versions.toSorted((a, b) => b.compare(a));
  return highest !== undefined && highest.compare(own) > 0 ? highest.version : undefined;
}

/** For plans: `highest 1.2.x`. */
export function describeRule({ line }: HighestRule): string {
  return line === '' ? 'highest version' : `highest ${line}.x`;
}
