/** Operating systems whose advisories trivy 0.72.0 has (pkg/detector/ospkg/detect.go). */
export const FAMILIES: ReadonlySet<string> = new Set(
  'alma alpine amazon azurelinux bottlerocket cbl-mariner centos chainguard coreos debian echo minimos opensuse-leap opensuse-tumbleweed oracle photon redhat rocky slem sles ubuntu wolfi'.split(
    ' ',
  ),
);

/** How trivy calls the distributions whose id in /etc/os-release, which syft writes, says something else. */
const BY_ID: Readonly<Record<string, string>> = {
  rhel: 'redhat',
  almalinux: 'alma',
  ol: 'oracle',
  amzn: 'amazon',
  mariner: 'cbl-mariner',
  'opensuse.leap': 'opensuse-leap',
  'sle-micro': 'slem',
  'sl-micro': 'slem',
};

export const OS_TYPES = /^pkg:(?:apk|deb|rpm)\//;
/** Packages of operating systems that trivy does not look at at all. */
export const UNJUDGED_SYSTEMS = /^pkg:(?:alpm|pacman|ebuild|portage|opkg|qpkg|nix|guix|xbps|flatpak|snap)\//;
/** purl types that trivy takes for packages (pkg/purl/purl.go). */
const JUDGED =
  /^pkg:(?:apk|deb|rpm|composer|maven|gem|conda|pypi|golang|npm|cargo|nuget|swift|cocoapods|hex|conan|pub|bitnami)\//;

export function familyOf(id: string): string {
  return BY_ID[id] ?? id;
}

/** What stands in package URLs of a family (pkg/fanal/types/const.go). */
export function namespaceOf(family: string): string {
  if (family === 'sles' || family === 'slem') return 'suse';
  return family.startsWith('opensuse-') ? 'opensuse' : family;
}

export function isJudgedType(purl: string): boolean {
  return JUDGED.test(purl);
}
