import { FAMILIES, familyOf, isJudgedType, namespaceOf, OS_TYPES, UNJUDGED_SYSTEMS } from './purl-families.ts';
import { type Claim, claimsOf, type SbomPackage } from './sbom-claims.ts';

export type { SbomPackage } from './sbom-claims.ts';

/** An SBOM as scanners have to be given it, and what kept it from being whole. */
export interface JudgeableSbom {
  /** CycloneDX 1.6. */
  readonly document: object;
  readonly packages: readonly SbomPackage[];
  /** `bom-ref` of those that trivy has to list, by what a person calls them. */
  readonly expected: ReadonlyMap<string, string>;
  /** `debian 11`; absent when there are no packages of an operating system. */
  readonly operatingSystem?: string;
  /** Packages that no scanner would look at, so that all would seem well. */
  readonly problem?: string;
}

/**
 * Trivy looks at packages of an operating system only when the SBOM names that system in trivy's own way, and finds
 * advisories of Debian and Alpine by source package, which syft writes into the package URL. So both are put where trivy
 * looks for them (seen with trivy 0.72.0: an SPDX file of syft gave no finding at all, and no complaint).
 *
 * @param document SPDX 2.x or CycloneDX, as JSON
 */
export function judgeableSbom(document: unknown): JudgeableSbom {
  const claimed = claimsOf(document);
  const packages = claimed.flatMap(({ whole }) => whole ?? []);
  const system = systemOf(packages);
  const distinct = [...new Map(packages.map((each) => [identity(each), each])).values()];
  const components = distinct.map((each, at) => component(each, at, system));
  const problem = problemOf(claimed, system);
  return {
    document: {
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      version: 1,
      components: system === undefined ? components : [systemComponent(system), ...components],
    },
    packages,
    expected: new Map(
      distinct.flatMap(({ purl }, at) => (isJudgedType(purl) ? [[`package-${at}`, purl] as const] : [])),
    ),
    ...(system === undefined ? {} : { operatingSystem: `${system.family} ${system.release}` }),
    ...(problem === undefined ? {} : { problem }),
  };
}

function problemOf(claimed: readonly Claim[], system: System | undefined): string | undefined {
  const purls = claimed.flatMap(({ whole }) => whole?.purl ?? []);
  const other = purls.find((purl) => UNJUDGED_SYSTEMS.test(purl));
  if (other !== undefined) return `lists packages such as ${other}, for which there are no advisories here`;
  if (system === undefined && purls.some((purl) => OS_TYPES.test(purl))) {
    return 'lists packages of an operating system, and does not say of which';
  }
  if (system !== undefined && !FAMILIES.has(system.family)) {
    return `lists packages of ${system.family} ${system.release}, which trivy does not know`;
  }
  const vague = claimed.filter(({ whole }) => whole === undefined);
  if (vague.length === 0 || purls.length === 0) return undefined;
  return `lists ${vague.length} without package URL or version, such as ${vague[0]?.name}`;
}

/** Trivy lists two that differ in nothing else once. */
function identity({ name, version, purl }: SbomPackage): string {
  return JSON.stringify([name, version, purl.split(/[?#]/, 1)[0]]);
}

interface System {
  readonly family: string;
  readonly release: string;
}

/** `distro=debian-11` (syft), or `distro=3.20.1` behind `pkg:apk/alpine/` (trivy). */
function systemOf(packages: readonly SbomPackage[]): System | undefined {
  for (const { purl } of packages.filter((each) => OS_TYPES.test(each.purl))) {
    const distro = qualifier(purl, 'distro');
    const [, name = purl.split('/')[1] ?? '', release = distro ?? ''] =
      /^([a-z][a-z-]*?)-(\d.*)$/.exec(distro ?? '') ?? [];
    if (distro !== undefined && /^\d/.test(release)) return { family: familyOf(name), release };
  }
  return undefined;
}

function systemComponent({ family, release }: System): object {
  return {
    type: 'operating-system',
    'bom-ref': 'operating-system',
    name: family,
    version: release,
    properties: [property('Class', 'os-pkgs'), property('Type', family)],
  };
}

function component(listed: SbomPackage, at: number, system: System | undefined): object {
  const { name, version, licences } = listed;
  const properties = /^pkg:(?:apk|deb)\//.test(listed.purl) ? sourceOf(listed) : [];
  const purl = system === undefined ? listed.purl : inTrivysWords(listed.purl, system);
  const licensed = licences === undefined ? {} : { licenses: licences };
  return { type: 'library', 'bom-ref': `package-${at}`, name, version, purl, ...licensed, properties };
}

/** Trivy passes over packages whose namespace is not its own name of the operating system; syft writes its id there. */
function inTrivysWords(purl: string, { family }: System): string {
  const [, type, namespace, rest] = /^pkg:(apk|deb|rpm)\/([^/@?#]+)\/([^/]+.*)$/.exec(purl) ?? [];
  if (type === undefined || namespace === undefined) return purl;
  const own = [familyOf(namespace), namespaceOf(familyOf(namespace)), namespace];
  const same = own.includes(family) || own.includes(namespaceOf(family));
  return same ? `pkg:${type}/${namespaceOf(family)}/${rest}` : purl;
}

/** `upstream=openssl` or `upstream=openssl@1.1.1k-1`; a package without it is its own source. */
function sourceOf({ name, version, purl }: SbomPackage): readonly object[] {
  const [source = name, given = version] = qualifier(purl, 'upstream')?.split('@', 2) ?? [];
  if (purl.startsWith('pkg:apk/')) return [property('SrcName', source), property('SrcVersion', given)];
  const [, epoch, upstream = given, release] = /^(?:(\d+):)?(.*?)(?:-([^-]+))?$/.exec(given) ?? [];
  return [
    property('SrcName', source),
    property('SrcVersion', upstream),
    ...(release === undefined ? [] : [property('SrcRelease', release)]),
    ...(epoch === undefined ? [] : [property('SrcEpoch', epoch)]),
  ];
}

function property(name: string, value: string): object {
  return { name: `aquasecurity:trivy:${name}`, value };
}

function qualifier(purl: string, name: string): string | undefined {
  return new URLSearchParams(purl.split('#', 1)[0]?.split('?')[1] ?? '').get(name) ?? undefined;
}
