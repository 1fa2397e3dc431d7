import { globalExpressions, type TagSource } from './expressions.ts';
import type { Flavor } from './flavor.ts';
import type { HighestRule, TagFamily } from './highest.ts';
import { badLine, type TagEntry, type TagType } from './tag-entry.ts';
import { type NamedTag, sanitised, tagNamed } from './tag-name.ts';
import { type EntryValue, evaluateEntry } from './tag-types.ts';
import { render } from './template.ts';

/** A tag that the event and the inputs call for. */
export interface WantedTag extends NamedTag {
  /** Which line called for it. */
  readonly source: string;
  /** The type of the entry. */
  readonly type?: TagType | undefined;
  /** What the name is made of, where a rule depends on that: a version in full, the branch, or the day of the run. */
  readonly of?: 'release' | 'branch' | 'date' | undefined;
  /** Set when the tag moves only while its version is the highest. */
  readonly highest?: HighestRule | undefined;
}

export interface EntryTags {
  /** By priority; the first one names the image. */
  readonly tags: readonly WantedTag[];
  /** Why entries that wanted to give a tag gave none. */
  readonly warnings: readonly string[];
  /** Their types. */
  readonly refused: readonly TagType[];
}

/** Prefixes that these types have unless their entry says otherwise; the flavor's does not replace them. */
const OWN_PREFIX: Readonly<Record<string, string>> = { sha: 'sha-', 'ref pr': 'pr-' };

/**
 * Evaluates the entries against the event.
 * @throws PlimsollError `input-invalid` for syntax that is not supported and for names that cannot be tags
 */
export function entryTags(entries: readonly TagEntry[], flavor: Flavor, source: TagSource): EntryTags {
  const tags: WantedTag[] = [];
  const warnings: string[] = [];
  const refused: TagType[] = [];
  let first: Evaluated | undefined;
  for (const entry of entries) {
    const found = explained(entry, () => evaluate(entry, flavor, source));
    if (typeof found === 'string') {
      warnings.push(`${entry.line}: ${found}`);
      refused.push(entry.type);
    }
    if (found === undefined || typeof found === 'string') continue;
    first ??= found;
    tags.push(found.tag);
  }
  const latest = first && latestTag(first, flavor, source);
  return { tags: latest === undefined ? tags : [...tags, latest], warnings, refused };
}

interface Evaluated {
  readonly tag: WantedTag;
  readonly value: EntryValue;
  readonly family: TagFamily;
}

function evaluate(entry: TagEntry, flavor: Flavor, source: TagSource): Evaluated | string | undefined {
  const expressions = globalExpressions(source);
  if (!isEnabled(render(entry.attributes['enable'] ?? 'true', expressions))) return undefined;
  const outcome = evaluateEntry(entry, source);
  if (outcome === undefined) return undefined;
  if ('refused' in outcome) return outcome.refused;
  if (outcome.value === '') return undefined;
  const own = entry.type === 'ref' ? `ref ${entry.attributes['event']}` : entry.type;
  const templates = {
    prefix: entry.attributes['prefix'] ?? OWN_PREFIX[own] ?? flavor.prefix,
    suffix: entry.attributes['suffix'] ?? flavor.suffix,
  };
  const prefix = render(templates.prefix, expressions);
  const suffix = render(templates.suffix, expressions);
  const named = tagNamed(`${prefix}${outcome.value}${suffix}`);
  const [before, after] = outcome.around ?? ['', ''];
  const family = familyOf(`${prefix}${before}`, `${after}${suffix}`);
  const highest = outcome.moves && { ...outcome.moves, ...family };
  const of = outcome.whole === true ? 'release' : madeOf(entry, Object.values(templates));
  return { tag: { ...named, source: entry.line, type: entry.type, of, highest }, value: outcome, family };
}

/** Whoever looks for a version in the name of a branch means it; any other entry copies the name. */
function madeOf({ type, attributes }: TagEntry, around: readonly string[]): WantedTag['of'] {
  if (type === 'semver' || type === 'pep440' || type === 'match') return undefined;
  if (type === 'ref' && attributes['event'] === 'branch') return 'branch';
  const { value = '', pattern = '' } = attributes;
  const has = (expression: RegExp) => [value, pattern, ...around].some((text) => expression.test(text));
  if (has(/\{\{\s*branch\s*\}\}/)) return 'branch';
  return has(/\{\{\s*date\b/) ? 'date' : undefined;
}

/** As it stands in published tags, where any version may have a `v`. */
function familyOf(before: string, after: string): TagFamily {
  return { prefix: sanitised(before).replace(/v$/, ''), suffix: sanitised(after) };
}

function isEnabled(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new Error(`"enable=${text}" is neither true nor false`);
}

/**
 * The first tag decides, as in docker/metadata-action. What is `latest` because of its version is so only while that is
 * the highest; `latest=true` says otherwise.
 */
function latestTag({ value, family }: Evaluated, flavor: Flavor, source: TagSource): WantedTag | undefined {
  const { latest, prefixLatest, suffixLatest } = flavor;
  if (latest === 'false' || (latest === 'auto' && !value.latest)) return undefined;
  if (latest === 'highest' && value.version === undefined) return undefined;
  const expressions = globalExpressions(source);
  const before = prefixLatest ? render(flavor.prefix, expressions) : '';
  const after = suffixLatest ? render(flavor.suffix, expressions) : '';
  const { version } = value;
  const ruled = latest !== 'true' && version !== undefined;
  const own = familyOf(before, after);
  const beside = own.prefix === family.prefix && own.suffix === family.suffix ? {} : { beside: family };
  const highest = ruled ? { version, line: '', ...own, ...beside } : undefined;
  return { ...tagNamed(`${before}latest${after}`), source: `flavor latest=${latest}`, highest };
}

function explained<T>(entry: TagEntry, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof Error && error.name === 'Error') throw badLine('tags', entry.line, error);
    throw error;
  }
}
