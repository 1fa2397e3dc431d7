import { PREDICATE_TYPES, type PredicateName } from '../../sigstore/predicates.ts';
import type { Statement } from '../../sigstore/statement.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import { asList, asText, at } from '../verify/content-rules.ts';
import { type SbomFormat, sbomPackages } from '../verify/sbom-packages.ts';

/** Versions by package. */
type Packages = ReadonlyMap<string, ReadonlySet<string>>;

/** What an image is made of and what is wrong with it, by evidence that was accepted; over all its platforms. */
export interface ImageContents {
  /** Versions by package, by the format of the SBOM that lists them: generators of another format name them otherwise. */
  readonly packages: ReadonlyMap<SbomFormat, Packages>;
  /** Severity by `CVE-2026-1 in package`; absent when there is no scan. */
  readonly vulnerabilities?: ReadonlyMap<string, string>;
}

export interface ContentsDifference {
  readonly packages?: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly changed: readonly { readonly name: string; readonly from: string; readonly to: string }[];
  };
  readonly vulnerabilities?: {
    readonly appeared: readonly Vulnerability[];
    readonly gone: readonly Vulnerability[];
  };
}

export interface Vulnerability {
  readonly name: string;
  readonly severity: string;
}

/** The first that both images have is compared. */
const FORMATS: readonly SbomFormat[] = ['spdx', 'cyclonedx'];

/** @param accepted what nobody signed is not told as a fact; of several statements about the same the newest counts */
export function contentsOf(accepted: readonly Pick<VerifiedBundle, 'statement' | 'signedAt'>[]): ImageContents {
  const ordered = accepted.toSorted((a, b) => a.signedAt.getTime() - b.signedAt.getTime());
  return contentsOfStatements([...new Map(ordered.map(({ statement }) => [aboutOf(statement), statement])).values()]);
}

/** A statement about an image, whatever it names as its subject. */
export type Claim = Pick<Statement, 'predicateType' | 'predicate'>;

/** @param statements one of each kind for each platform, by somebody who is believed */
export function contentsOfStatements(statements: readonly Claim[]): ImageContents {
  const of = (name: PredicateName) => statements.filter((one) => one.predicateType === PREDICATE_TYPES[name]);
  const sboms = FORMATS.map((format) => [format, of(format)] as const).filter(([, found]) => found.length > 0);
  const scans = of('vuln');
  return {
    packages: new Map(sboms.map(([format, found]) => [format, packagesOf(found)])),
    ...(scans.length > 0 ? { vulnerabilities: vulnerabilitiesOf(scans) } : {}),
  };
}

function aboutOf({ predicateType, subjects }: Statement): string {
  return [predicateType, ...subjects.toSorted()].join(' ');
}

/** Only what both have evidence of is compared. */
export function compareContents(before: ImageContents, after: ImageContents): ContentsDifference {
  const format = FORMATS.find((each) => before.packages.has(each) && after.packages.has(each));
  const [had, has] = [before, after].map(({ packages }) => format && packages.get(format));
  const [knew, knows] = [before.vulnerabilities, after.vulnerabilities];
  return {
    ...(had && has ? { packages: comparePackages(had, has) } : {}),
    ...(knew && knows ? { vulnerabilities: { appeared: beyond(knows, knew), gone: beyond(knew, knows) } } : {}),
  };
}

function comparePackages(had: Packages, has: Packages): NonNullable<ContentsDifference['packages']> {
  const named = (packages: Packages, other: Packages) =>
    [...packages].filter(([name]) => !other.has(name)).map(([name, versions]) => `${name} ${shown(versions)}`);
  const changed = [...has].flatMap(([name, versions]) => {
    const [from, to] = [shown(had.get(name) ?? new Set()), shown(versions)];
    return had.has(name) && from !== to ? [{ name, from, to }] : [];
  });
  return { added: named(has, had), removed: named(had, has), changed };
}

function beyond(these: ReadonlyMap<string, string>, those: ReadonlyMap<string, string>): readonly Vulnerability[] {
  return [...these].filter(([name]) => !those.has(name)).map(([name, severity]) => ({ name, severity }));
}

function shown(versions: ReadonlySet<string>): string {
  return [...versions].toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).join(', ');
}

function packagesOf(sboms: readonly Claim[]): Packages {
  const found = new Map<string, Set<string>>();
  for (const { name, version } of sboms.flatMap(sbomPackages)) {
    if (name && version) found.set(name, (found.get(name) ?? new Set()).add(version));
  }
  return found;
}

function vulnerabilitiesOf(scans: readonly Claim[]): ReadonlyMap<string, string> {
  const results = scans.flatMap(({ predicate }) => asList(at(predicate, 'scanner', 'result', 'Results')));
  const all = results.flatMap((result) => asList(at(result, 'Vulnerabilities')));
  return new Map(
    all.map((each) => [
      `${asText(at(each, 'VulnerabilityID'))} in ${asText(at(each, 'PkgName'))}`,
      asText(at(each, 'Severity')).toLowerCase() || 'unknown',
    ]),
  );
}
