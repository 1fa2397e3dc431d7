import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import type { Statement } from '../../sigstore/statement.ts';
import type { VerifiedBundle } from '../../sigstore/verify.ts';
import { asList, asText, at } from '../verify/content-rules.ts';

/** What an image is made of and what is wrong with it, by evidence that was accepted; over all its platforms. */
export interface ImageContents {
  /** Versions by package; absent when there is no SBOM. */
  readonly packages?: ReadonlyMap<string, ReadonlySet<string>>;
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

/** @param accepted what nobody signed is not told as a fact; of several statements about the same the newest counts */
export function contentsOf(accepted: readonly Pick<VerifiedBundle, 'statement' | 'signedAt'>[]): ImageContents {
  const ordered = accepted.toSorted((a, b) => a.signedAt.getTime() - b.signedAt.getTime());
  const statements = [...new Map(ordered.map(({ statement }) => [aboutOf(statement), statement])).values()];
  const [sboms, scans] = [PREDICATE_TYPES.spdx, PREDICATE_TYPES.vuln].map((type) =>
    statements.filter(({ predicateType }) => predicateType === type),
  );
  return {
    ...(sboms?.length ? { packages: packagesOf(sboms) } : {}),
    ...(scans?.length ? { vulnerabilities: vulnerabilitiesOf(scans) } : {}),
  };
}

function aboutOf({ predicateType, subjects }: Statement): string {
  return [predicateType, ...subjects.toSorted()].join(' ');
}

/** Only what both have evidence of is compared. */
export function compareContents(before: ImageContents, after: ImageContents): ContentsDifference {
  const [had, has] = [before.packages, after.packages];
  const [knew, knows] = [before.vulnerabilities, after.vulnerabilities];
  return {
    ...(had && has ? { packages: comparePackages(had, has) } : {}),
    ...(knew && knows ? { vulnerabilities: { appeared: beyond(knows, knew), gone: beyond(knew, knows) } } : {}),
  };
}

type Packages = ReadonlyMap<string, ReadonlySet<string>>;

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

/** Packages without a version are files, the image itself, or its platform. */
function packagesOf(sboms: readonly Statement[]): Packages {
  const found = new Map<string, Set<string>>();
  for (const { predicate } of sboms) {
    for (const each of asList(at(documentOf(predicate), 'packages'))) {
      const [name, version] = [asText(at(each, 'name')), asText(at(each, 'versionInfo'))];
      if (name && version) found.set(name, (found.get(name) ?? new Set()).add(version));
    }
  }
  return found;
}

function vulnerabilitiesOf(scans: readonly Statement[]): ReadonlyMap<string, string> {
  const results = scans.flatMap(({ predicate }) => asList(at(predicate, 'scanner', 'result', 'Results')));
  const all = results.flatMap((result) => asList(at(result, 'Vulnerabilities')));
  return new Map(
    all.map((each) => [
      `${asText(at(each, 'VulnerabilityID'))} in ${asText(at(each, 'PkgName'))}`,
      asText(at(each, 'Severity')).toLowerCase() || 'unknown',
    ]),
  );
}

/** `cosign attest --type spdx` signs the document as one text. */
function documentOf(predicate: unknown): unknown {
  if (typeof predicate !== 'string') return predicate;
  try {
    return JSON.parse(predicate);
  } catch {
    return undefined;
  }
}
