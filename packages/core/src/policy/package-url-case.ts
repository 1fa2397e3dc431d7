/** Whose namespaces and names know no case (package-url specification, purl-types); npm has old names that do. */
const CASELESS = new Set('alpm apk bitbucket composer deb github golang hex luarocks npm pub pypi'.split(' '));

/** A package URL in the one case by which two that mean the same package can be compared. */
export function foldPackageUrl(purl: string): string {
  const type = /^pkg:([^/]+)\//i.exec(purl)?.[1]?.toLowerCase();
  return type !== undefined && CASELESS.has(type) ? purl.toLowerCase() : purl;
}
