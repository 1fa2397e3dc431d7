import { foldPackageUrl } from '../../policy/package-url-case.ts';

/** purl types by osv ecosystem (package-url specification, purl-types; OSV schema, "Defined ecosystems"). */
const TYPES: Readonly<Record<string, string>> = {
  npm: 'npm',
  Go: 'golang',
  PyPI: 'pypi',
  'crates.io': 'cargo',
  RubyGems: 'gem',
  Packagist: 'composer',
  Maven: 'maven',
  NuGet: 'nuget',
  Pub: 'pub',
  Hex: 'hex',
  ConanCenter: 'conan',
  CRAN: 'cran',
  Hackage: 'hackage',
};

/** Where OSV keeps advisories on a package of this URL; `undefined` for packages of operating systems and others. */
export function ecosystemOfPurl(purl: string): string | undefined {
  const type = /^pkg:([a-z]+)\//.exec(purl)?.[1];
  return Object.keys(TYPES).find((ecosystem) => TYPES[ecosystem] === type);
}

/**
 * A package URL without version, qualifiers and subpath, in one spelling, so that two scanners
 * that mean the same package write the same text.
 */
export function barePurl(purl: string): string {
  const path = purl.split(/[?#]/, 1)[0] ?? purl;
  const at = path.lastIndexOf('@');
  const slash = path.lastIndexOf('/');
  return normalised(at > slash ? path.slice(0, at) : path);
}

/** The version of a package URL, decoded. */
export function versionOf(purl: string): string | undefined {
  const version = /^[^?#]*\/[^/@?#]+@([^?#]+)/.exec(purl)?.[1];
  return version === undefined ? undefined : decode(version);
}

/**
 * The version as findings have it: without the `v` of Go, and with the epoch of a Debian or RPM package, which package URLs
 * have as a qualifier (package-url specification, "deb" and "rpm").
 */
export function installedVersion(purl: string): string | undefined {
  const version = versionOf(purl);
  if (version === undefined) return undefined;
  if (purl.startsWith('pkg:golang/')) return plainVersion(purl, version);
  const epoch = Number(qualifiersOf(purl).get('epoch') ?? '0');
  return epoch > 0 && !version.includes(':') ? `${epoch}:${version}` : version;
}

/** Without the `v` that Go puts before a version, and that only some scanners write. */
export function plainVersion(purl: string, version: string): string {
  return purl.startsWith('pkg:golang/') ? version.replace(/^v(?=\d)/, '') : version;
}

/** The package URL with this version in place of the one that it may have. */
export function withVersion(purl: string, version: string): string {
  const plain = purl.split(/[?#]/, 1)[0] ?? purl;
  const bare = versionOf(purl) === undefined ? plain : plain.slice(0, plain.lastIndexOf('@'));
  return `${bare}@${encodeURIComponent(version)}${purl.slice(plain.length)}`;
}

/** What follows the `?` of a package URL. */
export function qualifiersOf(purl: string): URLSearchParams {
  // A plus sign is no space here, as it is in forms.
  return new URLSearchParams((purl.split('#', 1)[0]?.split('?')[1] ?? '').replaceAll('+', '%2B'));
}

/**
 * The name that OSV has for a package: `org.example:log4j` for Maven, elsewhere the path with its scope.
 *
 * @param given what the package calls itself: OSV knows `JSONStream`, of which a package URL keeps no capital
 */
export function osvName(purl: string, given: string): string {
  const ecosystem = ecosystemOfPurl(purl);
  const isFull = ecosystem !== undefined && purlOfEcosystem(ecosystem, given) === barePurl(purl);
  if (isFull && ecosystem !== 'PyPI') return given;
  const name = barePurl(purl).replace(/^pkg:[a-z]+\//, '');
  return ecosystem === 'Maven' ? name.replace('/', ':') : name;
}

/**
 * A package URL that osv-scanner takes a name from without changing it: what stands before a slash it would write in
 * small letters and put before the name (osv-scalibr, `purlToName`).
 */
export function purlForOsv(purl: string, name: string): string {
  const type = /^pkg:[a-z]+\//.exec(purl)?.[0] ?? '';
  return `${type}${encodeURIComponent(name)}@${encodeURIComponent(versionOf(purl) ?? '')}`;
}

/** The package URL of a package as OSV names it. */
export function purlOfEcosystem(ecosystem: string, name: string): string {
  const base = ecosystem.split(':', 1)[0] ?? ecosystem;
  const type = TYPES[base] ?? base.toLowerCase();
  return normalised(`pkg:${type}/${type === 'maven' ? name.replace(':', '/') : name}`);
}

function normalised(purl: string): string {
  const plain = foldPackageUrl(decode(purl));
  return plain.startsWith('pkg:pypi/') ? plain.replaceAll('_', '-').replaceAll('.', '-') : plain;
}

function decode(purl: string): string {
  try {
    return decodeURIComponent(purl);
  } catch {
    return purl; // a stray % in a name: keep what the scanner wrote
  }
}
