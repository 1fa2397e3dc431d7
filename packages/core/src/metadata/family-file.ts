import { readYaml } from '../policy/located-yaml.ts';
import type { PlimsollError } from '../runtime/errors.ts';
import { familyList, familyMap, type MemberEntry } from './family-schema.ts';
import { type FamilyMember, orderFamily } from './family.ts';

const KIND = {
  code: 'family-invalid',
  whole: 'the family',
  described: 'https://github.com/plimsoll-ci/plimsoll/blob/main/schema/images.schema.json',
  texts: ['build-args', 'build-contexts', 'labels'],
} as const;
const LIST = { ...KIND, schema: familyList };
const MAP = { ...KIND, schema: familyMap };

/**
 * Reads a family of images from YAML or JSON: a list of images with names, or a map of them by name.
 * @param fileName as people know it; for messages
 * @returns what a member needs stands before it
 * @throws PlimsollError `family-invalid` with file, line and column
 */
export function parseFamily(text: string, fileName: string): readonly FamilyMember[] {
  const { value, refuse } = readYaml<typeof familyList | typeof familyMap>(text, fileName, (given) =>
    Array.isArray(given) ? LIST : MAP,
  );
  const entries: readonly MemberEntry[] = Array.isArray(value)
    ? value
    : Object.entries(value).map(([name, entry]) => ({ name, ...entry }));
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  const members = entries.map((entry, index): FamilyMember => {
    const at = (...path: readonly string[]) => [keys[index] ?? index, ...path];
    const failure = (path: readonly string[], message: string, hint: string): PlimsollError =>
      refuse(at(...path), message, hint);
    return memberOf(entry, failure);
  });
  if (members.length === 0) throw refuse([], 'there are no images', 'Write "- name: ..." with "image: ..." for each.');
  return orderFamily(members);
}

function memberOf(entry: MemberEntry, refuse: FamilyMember['refuse']): FamilyMember {
  const { name, needs } = entry;
  if (entry.file !== undefined && entry['dockerfile-inline'] !== undefined) {
    const hint = 'Keep one of "file" and "dockerfile-inline".';
    throw refuse(['dockerfile-inline'], `${name} has a Dockerfile twice`, hint);
  }
  return {
    name,
    image: entry.image,
    context: entry.context,
    file: entry.file,
    dockerfile: entry['dockerfile-inline'],
    target: entry.target,
    platforms: entry.platforms,
    buildArgs: entry['build-args'],
    buildContexts: entry['build-contexts'],
    labels: entry.labels,
    annotations: entry.annotations,
    tags: entry.tags,
    smokeTest: entry['smoke-test'],
    needs: Array.isArray(needs) ? needs.map((each) => ({ context: each, member: each })) : needsOf(needs),
    refuse,
  };
}

function needsOf(needs: Readonly<Record<string, string>>): FamilyMember['needs'] {
  return Object.entries(needs).map(([context, member]) => ({ context, member }));
}
