import {
  compareFindings,
  type Finding,
  type FindingPlace,
  type ImagePlace,
  type VulnerabilityFinding,
  worseSeverity,
} from '../../policy/findings.ts';
import { fingerprint } from './fingerprint.ts';
import { mergedFixes } from './fixes.ts';

/**
 * One list from all scanners. Two reports are one finding when they are about the same package and
 * share any name of the advisory; the other kinds are one when their fingerprints are equal.
 */
export function joinFindings(found: readonly Finding[]): readonly Finding[] {
  const joined = new Map<string, Finding>();
  const groups = new Map<string, string>();
  for (const finding of found) {
    const key = keyOf(finding, joined, groups);
    const before = joined.get(key);
    joined.set(key, before === undefined ? finding : merge(before, finding));
    for (const name of namesOf(finding)) groups.set(name, key);
  }
  return [...joined.values()].map(named).toSorted(compareFindings);
}

/** The key of the group that already has one of the finding's names; groups that meet become one. */
function keyOf(finding: Finding, joined: Map<string, Finding>, groups: Map<string, string>): string {
  const names = namesOf(finding);
  const keys = [...new Set(names.flatMap((name) => groups.get(name) ?? []))];
  const [first = names[0] ?? finding.fingerprint, ...others] = keys;
  for (const other of others) {
    const absorbed = joined.get(other);
    const into = joined.get(first);
    if (absorbed === undefined || into === undefined) continue;
    joined.set(first, merge(into, absorbed));
    joined.delete(other);
    for (const [name, key] of groups) if (key === other) groups.set(name, first);
  }
  return first;
}

function namesOf(finding: Finding): readonly string[] {
  if (finding.kind !== 'vulnerability') return [`${finding.kind} ${finding.fingerprint}`];
  return [finding.id, ...finding.aliases].map((id) => `${finding.package.purl} ${id}`);
}

function merge(one: Finding, other: Finding): Finding {
  const common = {
    severity: worseSeverity(one.severity, other.severity),
    title: one.title || other.title,
    sources: [...new Set([...one.sources, ...other.sources])],
    places: foldPlaces([...one.places, ...other.places]),
  };
  if (one.kind !== 'vulnerability' || other.kind !== 'vulnerability') return { ...one, ...common };
  const link = one.link ?? other.link;
  const updates = [...new Set([...(one.updates ?? []), ...(other.updates ?? [])])];
  const { fixedVersion: _fixed, fixes: _fixes, ...rest } = one;
  return {
    ...rest,
    ...common,
    aliases: [...new Set([...one.aliases, other.id, ...other.aliases])].filter((id) => id !== one.id),
    package: { ...one.package, versions: [...new Set([...one.package.versions, ...other.package.versions])] },
    ...mergedFixes(one, other),
    ...(link === undefined ? {} : { link }),
    ...(updates.length === 0 ? {} : { updates }),
  };
}

/** A CVE is what most people search for, so it gives the finding its name. */
export function advisoryId({ id, aliases }: Pick<VulnerabilityFinding, 'id' | 'aliases'>): string {
  const ids = [id, ...aliases].toSorted();
  return ids.find((name) => name.startsWith('CVE-')) ?? ids[0] ?? id;
}

/** The fingerprint follows the name. */
function named(finding: Finding): Finding {
  if (finding.kind !== 'vulnerability') return finding;
  const id = advisoryId(finding);
  return {
    ...finding,
    id,
    aliases: [finding.id, ...finding.aliases].filter((name) => name !== id).toSorted(),
    fingerprint: vulnerabilityFingerprint(finding, id),
  };
}

function vulnerabilityFingerprint(finding: VulnerabilityFinding, id: string): string {
  return fingerprint('vulnerability', id, finding.package.purl);
}

/** The same place on several platforms is one place. */
export function foldPlaces(places: readonly FindingPlace[]): readonly FindingPlace[] {
  const folded = new Map<string, FindingPlace>();
  for (const place of places) {
    const key = JSON.stringify([place.in, place.path, place.line]);
    const before = folded.get(key);
    folded.set(key, before?.in === 'image' && place.in === 'image' ? foldPlatforms(before, place) : place);
  }
  return [...folded.values()];
}

/** Layers differ between platforms; the first one is enough to find the instruction. */
function foldPlatforms(one: ImagePlace, other: ImagePlace): ImagePlace {
  return { ...one, platforms: [...new Set([...one.platforms, ...other.platforms])].toSorted() };
}
