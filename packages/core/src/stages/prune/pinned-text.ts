import { parseAllDocuments } from 'yaml';
import { type Digest, isDigest } from '../../oci/digest.ts';
import type { Pins } from './pins.ts';

/** What a text names of one package. */
export interface NamedVersions {
  readonly digests: ReadonlySet<Digest>;
  readonly tags: ReadonlySet<string>;
  /** References whose tag is a variable without a default. */
  readonly unresolved: readonly string[];
}

const ANY_DIGEST = /sha256[:-][0-9a-f]{64}/g;
/** A tag, a variable of a shell or compose file, or an expression of a template. */
const TAG = String.raw`([A-Za-z0-9_][A-Za-z0-9._-]{0,127}|\$\{[^}]*\}|\$[A-Za-z_]\w*|\{\{[^}]*\}\})`;
const DEFAULT_OF_VARIABLE = /^\$\{\w+:?-([A-Za-z0-9_][A-Za-z0-9._-]{0,127})\}$/;

/**
 * Every digest in the text, and every tag that stands behind the package's name: in one word, or beside it in a
 * mapping, as in Helm values (`repository:` and `tag:`) and kustomizations (`newName:` and `newTag:`). Takes too
 * much rather than too little: what it takes is only kept.
 * @param packageName `registry/owner/name`
 */
export function namedVersions(text: string, packageName: string): NamedVersions {
  const digests = new Set((text.match(ANY_DIGEST) ?? []).map((found) => found.replace('-', ':')).filter(isDigest));
  const tags = new Set<string>();
  const unresolved: string[] = [];
  for (const tag of [...besideName(text, packageName), ...inMappings(text, packageName)]) {
    const plain = DEFAULT_OF_VARIABLE.exec(tag)?.[1] ?? tag;
    if (/[${]/.test(plain)) unresolved.push(`${packageName}:${plain}`);
    else tags.add(plain);
  }
  return { digests, tags, unresolved };
}

/** What a text keeps, and what a person should know of it. */
export function pinsOfText(
  text: string,
  { rule, package: name }: { readonly rule: string; readonly package: string },
): Pins {
  const { digests, tags, unresolved } = namedVersions(text, name);
  const silent = digests.size + tags.size + unresolved.length === 0;
  return {
    digests: new Map([...digests].map((digest) => [digest, rule])),
    tags: new Map([...tags].map((tag) => [tag, rule])),
    notes: [
      ...(silent ? [`${rule} names no version of ${name}`] : []),
      ...unresolved.map((reference) => `${rule} names ${reference}, which protects nothing: its tag is a variable`),
    ],
  };
}

function besideName(text: string, packageName: string): string[] {
  const name = packageName.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const reference = new RegExp(`(?<![A-Za-z0-9./_-])${name}(?![a-z0-9/_-]|\\.[a-z0-9])(?::${TAG})?`, 'g');
  // A name alone may stand in a mapping with its tag; a reference without one is to `latest` at most, which is always kept.
  return [...text.matchAll(reference)].flatMap((match) => match[1] ?? []);
}

/** Text that is no YAML, such as a template, has no mappings. */
function inMappings(text: string, packageName: string): string[] {
  const found: string[] = [];
  try {
    // Only strings: the tag 1.10 is no number.
    for (const document of parseAllDocuments(text, { schema: 'failsafe' })) walk(document.toJS(), packageName, found);
  } catch {
    return found;
  }
  return found;
}

function walk(value: unknown, packageName: string, found: string[]): void {
  if (Array.isArray(value)) for (const item of value) walk(item, packageName, found);
  else if (typeof value === 'object' && value !== null) {
    const map = value as Readonly<Record<string, unknown>>;
    const names = ['repository', 'image', 'name', 'newName'].map((key) => word(map[key]));
    if (names.some((name) => name === packageName || `${word(map['registry'])}/${name}` === packageName))
      found.push(...['tag', 'newTag', 'version'].map((key) => word(map[key])).filter((tag) => tag !== ''));
    for (const item of Object.values(map)) walk(item, packageName, found);
  }
}

function word(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
