import type { PlacedText } from './version-place.ts';

const BARE = '[A-Za-z0-9_-]+';
const KEY = `(?:${BARE}|"[^"\\\\]*"|'[^']*')`;
const DOTTED = `${KEY}(?:\\s*\\.\\s*${KEY})*`;
const TABLE = new RegExp(`^\\s*\\[\\s*(?<name>${DOTTED})\\s*\\]\\s*(?:#.*)?$`);
const ENTRY = new RegExp(`^\\s*(?<key>${DOTTED})\\s*=\\s*(?<value>.*)$`);
const STRING = /^(?:"(?<basic>[^"\\]*)"|'(?<literal>[^']*)')\s*(?:#.*)?$/;
const LONG = /"""|'''/g;

/**
 * A string of one line in a TOML document (toml.io/en/v1.0.0), such as `project.version` of pyproject.toml. Tables and
 * dotted keys are understood; versions stand nowhere else. Lines within long strings are passed over.
 */
export function tomlText(content: string, keys: readonly string[]): PlacedText | undefined {
  const wanted = keys.join('\n');
  let table: readonly string[] | undefined = [];
  let long = false;
  for (const [index, line] of content.split(/\r?\n/).entries()) {
    const within = long;
    if ((line.match(LONG)?.length ?? 0) % 2 === 1) long = !long;
    if (within) continue;
    if (line.trimStart().startsWith('[')) {
      const name = TABLE.exec(line)?.groups?.['name'];
      // A list of tables has no place that could be named.
      table = name === undefined ? undefined : keysOf(name);
      continue;
    }
    const entry = ENTRY.exec(line)?.groups;
    if (entry === undefined || table === undefined) continue;
    if ([...table, ...keysOf(entry['key'] ?? '')].join('\n') !== wanted) continue;
    const value = STRING.exec(entry['value'] ?? '')?.groups;
    const text = value?.['basic'] ?? value?.['literal'];
    return text === undefined ? undefined : { text, line: index + 1 };
  }
  return undefined;
}

function keysOf(dotted: string): readonly string[] {
  return [...dotted.matchAll(new RegExp(KEY, 'g'))].map(([key]) => key.replaceAll(/^["']|["']$/g, ''));
}
