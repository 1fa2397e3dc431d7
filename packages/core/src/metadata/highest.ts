import type { SemVer } from 'semver';
import { releaseOf } from '../policy/release.ts';
import type { ClassedTag } from '../policy/tags.ts';

/** What stands around the versions of some tags. */
export interface TagFamily {
  readonly prefix: string;
  readonly suffix: string;
}

/** A tag that moves to an image only while no higher stable version of its line is published. */
export interface HighestRule extends TagFamily {
  /** `1.2.3`. */
  readonly version: string;
  /** `1.2`, `1`, or empty for all versions. */
  readonly line: string;
  /** Another family whose versions count too: `latest` stands for those named like itself and those named like its image. */
  readonly beside?: TagFamily | undefined;
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

/** From here on a first number is a year or a day, such as that of a nightly image, and no later version than 1.2.3. */
const FIRST_YEAR = 1900;

/** The highest published version of the line above the rule's own, if there is one. */
function higherThan({ version, line, beside, ...family }: HighestRule, published: readonly string[]) {
  const own = releaseOf(version);
  if (own === undefined) return undefined;
  const families = beside === undefined ? [family] : [family, beside];
  const versions = families
    .flatMap((each) => versionsOf(each, published))
    .filter(({ major }) => major < FIRST_YEAR || own.major >= FIRST_YEAR)
    .filter((release) => line === '' || `${release.version}.`.startsWith(`${line}.`));
  const [highest] = versions.toSorted((a, b) => b.compare(a));
  return highest !== undefined && highest.compare(own) > 0 ? highest.version : undefined;
}

/** Some publish `1.3` alone, which is no lower than 1.3.0; a single number may be of anything. */
function versionsOf({ prefix, suffix }: TagFamily, published: readonly string[]): readonly SemVer[] {
  return published
    .filter((tag) => tag.length > prefix.length + suffix.length && tag.startsWith(prefix) && tag.endsWith(suffix))
    .map((tag) => tag.slice(prefix.length, tag.length - suffix.length))
    .filter((text) => /^v?\d+\.\d+(?:\.\d+)?$/.test(text))
    .flatMap((text) => releaseOf(text) ?? []);
}

/** For plans: `highest 1.2.x`. */
export function describeRule({ line }: HighestRule): string {
  return line === '' ? 'highest version' : `highest ${line}.x`;
}
