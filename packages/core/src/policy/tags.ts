import * as v from 'valibot';
import { compileTagPattern, matchingPattern, type TagPattern } from './tag-pattern.ts';

/** An immutable tag names one digest for ever; a moving one names whatever is current. */
export type TagClass = 'immutable' | 'moving';

export interface ClassedTag {
  readonly name: string;
  readonly class: TagClass;
}

/** The policy's `tags` section, compiled. */
export interface TagRules {
  readonly immutable: readonly TagPattern[];
  readonly moving: readonly TagPattern[];
}

const pattern = v.pipe(
  v.string(),
  v.description('A tag, a glob, /a regular expression/ or semver:RANGE; ! before it takes matches away.'),
  v.rawTransform(({ dataset, addIssue, NEVER }): TagPattern => {
    try {
      return compileTagPattern(dataset.value);
    } catch (error) {
      addIssue({ message: `"${dataset.value}" is not a tag pattern: ${(error as Error).message}` });
      return NEVER;
    }
  }),
);

const patterns = v.optional(v.array(pattern), []);

/** The `tags:` section of the policy file. */
export const tagsSection = v.strictObject({
  immutable: v.pipe(patterns, v.description('Tags that are never moved, beside sha-<commit> and full versions.')),
  moving: v.pipe(patterns, v.description('Tags that may move although they look like a full version.')),
});

/** The full commit, a shorter one may come to name two; and the run that built it once more, if one did. */
const COMMIT_TAG = /^sha-(?:[0-9a-f]{40}|[0-9a-f]{64})(?:-\d+-\d+)?$/;
/** Whether a tag is of the form that names a commit, which a run looks for. */
export function isCommitTag(name: string): boolean {
  return COMMIT_TAG.test(name);
}

/** `1.2.3`, `v1.2.3-rc.1`; anything shorter moves with every patch. */
const VERSION_TAG = /^v?\d+\.\d+\.\d+(?:-[0-9A-Za-z._-]+)?$/;

/**
 * Commit tags are always immutable. Then the policy decides, `immutable` before `moving`; a tag it
 * does not name is immutable when it is a full version, and moves otherwise.
 *
 * @param isRelease whether it was made of a full version, also where its name does not look like one, as `app-1.2.3`
 */
export function classifyTag(name: string, rules: TagRules, isRelease = false): TagClass {
  if (isCommitTag(name)) return 'immutable';
  if (matchingPattern(rules.immutable, name) !== undefined) return 'immutable';
  if (matchingPattern(rules.moving, name) !== undefined) return 'moving';
  return isRelease || VERSION_TAG.test(name) ? 'immutable' : 'moving';
}

export function classifyTags(names: readonly string[], rules: TagRules): readonly ClassedTag[] {
  return names.map((name) => ({ name, class: classifyTag(name, rules) }));
}
