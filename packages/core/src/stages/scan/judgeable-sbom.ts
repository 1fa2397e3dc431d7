import { pick, pickText } from '../../runtime/pick.ts';

/** An SBOM as scanners have to be given it, and what kept it from being whole. */
export interface JudgeableSbom {
  /** CycloneDX 1.6. */
  readonly document: object;
  readonly packages: readonly SbomPackage[];
  /** `debian 11`; absent when there are no packages of an operating system. */
  readonly operatingSystem?: string;
  /** Packages of an operating system that is not named: no scanner would look at them, and all would seem well. */
  readonly problem?: string;
}

/** A package that an SBOM names by its package URL. */
export interface SbomPackage {
  readonly name: string;
  readonly version: string;
  readonly purl: string;
}

/** How trivy calls the distributions whose purl says something else. */
const FAMILIES: Readonly<Record<string, string>> = {
  rhel: 'redhat',
  almalinux: 'alma',
  ol: 'oracle',
  amzn: 'amazon',
  'opensuse-leap': 'opensuse.leap',
};
const OS_TYPES = /^pkg:(?:apk|deb|rpm)\//;

/**
 * Trivy looks at packages of an operating system only when the SBOM names that system in trivy's own way, and finds
 * advisories of Debian and Alpine by source package, which syft writes into the package URL. So both are put where trivy
 * looks for them (seen with trivy 0.72.0: an SPDX file of syft gave no finding at all, and no complaint).
 *
 * @param document SPDX 2.x or CycloneDX, as JSON
 */
export function judgeableSbom(document: unknown): JudgeableSbom {
  const packages = [...spdxPackages(document), ...cycloneDxPackages(document)];
  const system = systemOf(packages);
  const unknown = system === undefined && packages.some(({ purl }) => OS_TYPES.test(purl));
  const components = packages.map((each, at) => component(each, at));
  return {
    document: {
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      version: 1,
      components: system === undefined ? components : [systemComponent(system), ...components],
    },
    packages,
    ...(system === undefined ? {} : { operatingSystem: `${system.family} ${system.release}` }),
    ...(unknown ? { problem: 'lists packages of an operating system, and does not say of which' } : {}),
  };
}

function spdxPackages(document: unknown): readonly SbomPackage[] {
  return listOf(document, 'packages').flatMap((each) => {
    const purl = listOf(each, 'externalRefs')
      .filter((reference) => pickText(reference, 'referenceType') === 'purl')
      .flatMap((reference) => pickText(reference, 'referenceLocator') ?? [])[0];
    return found(pickText(each, 'name'), pickText(each, 'versionInfo'), purl);
  });
}

function cycloneDxPackages(document: unknown): readonly SbomPackage[] {
  return listOf(document, 'components').flatMap((each) => [
    ...found(pickText(each, 'name'), pickText(each, 'version'), pickText(each, 'purl')),
    ...cycloneDxPackages(each),
  ]);
}

function found(
  name: string | undefined,
  version: string | undefined,
  purl: string | undefined,
): readonly SbomPackage[] {
  return name === undefined || version === undefined || purl === undefined ? [] : [{ name, version, purl }];
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
    if (distro !== undefined && /^\d/.test(release)) return { family: FAMILIES[name] ?? name, release };
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

function component({ name, version, purl }: SbomPackage, at: number): object {
  const properties = /^pkg:(?:apk|deb)\//.test(purl) ? sourceOf({ name, version, purl }) : [];
  return { type: 'library', 'bom-ref': `package-${at}`, name, version, purl, properties };
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

function listOf(json: unknown, field: string): readonly unknown[] {
  const value = pick(json, field);
  return Array.isArray(value) ? value : [];
}
