import type { Digest } from '../oci/digest.ts';
import { hexOf } from '../oci/digest.ts';
import { VERSION } from '../runtime/version.ts';

/** A file of an artifact, as it was pushed. */
export interface ArtifactFile {
  /** The name in the artifact. */
  readonly name: string;
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** A package that a lockfile names. */
export interface ListedPackage {
  readonly name: string;
  /** Package URL without version. */
  readonly purl: string;
  readonly version: string;
}

export interface ArtifactContents {
  /** `registry/repository`. */
  readonly name: string;
  readonly digest: Digest;
  readonly created: Date;
  readonly files: readonly ArtifactFile[];
}

const NO_ASSERTION = { downloadLocation: 'NOASSERTION', filesAnalyzed: false, copyrightText: 'NOASSERTION' } as const;
const ROOT = 'SPDXRef-Artifact';

/**
 * An SPDX 2.3 document of an artifact that is no image: its files with their digests, each a package of the purpose
 * FILE, so that CycloneDX can be made of it. Pure: the same artifact has the same document.
 */
export function artifactSpdx({ name, digest, created, files }: ArtifactContents) {
  const root = { SPDXID: ROOT, name, versionInfo: digest, ...NO_ASSERTION, primaryPackagePurpose: 'ARCHIVE' };
  const listed = files.map((file, index) => ({
    SPDXID: `SPDXRef-File-${index + 1}`,
    name: file.name,
    ...NO_ASSERTION,
    packageFileName: file.name,
    primaryPackagePurpose: 'FILE',
    checksums: [{ algorithm: 'SHA256', checksumValue: hexOf(file.digest) }],
  }));
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name,
    documentNamespace: `https://spdx.org/spdxdocs/${name}-${hexOf(digest)}`,
    creationInfo: {
      created: created.toISOString().replace(/\.\d+Z$/, 'Z'),
      creators: [`Tool: plimsoll-${VERSION}`],
    },
    packages: [root, ...listed] as readonly object[],
    relationships: [
      { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: ROOT },
      ...listed.map(({ SPDXID }) => relation(SPDXID, 'CONTAINS')),
    ],
  };
}

type ArtifactSpdx = ReturnType<typeof artifactSpdx>;

/** The same document with what its source depends on. Pure; sorted, whatever found them. */
export function withPackages(document: ArtifactSpdx, packages: readonly ListedPackage[]): ArtifactSpdx {
  const byUrl = new Map(packages.map((each) => [urlOf(each), each]));
  const sorted = [...byUrl].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const listed = sorted.map(([purl, { name, version }], index) => ({
    SPDXID: `SPDXRef-Package-${index + 1}`,
    name,
    ...(version === '' ? {} : { versionInfo: version }),
    ...NO_ASSERTION,
    externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }],
  }));
  return {
    ...document,
    packages: [...document.packages, ...listed],
    relationships: [...document.relationships, ...listed.map(({ SPDXID }) => relation(SPDXID, 'DEPENDS_ON'))],
  };
}

/** As the package URL specification writes it, `pkg:npm/%40scope/name@1.2.3`. */
function urlOf({ purl, version }: ListedPackage): string {
  const [type = '', ...names] = purl.split('/');
  const path = [type, ...names.map(encodeURIComponent)].join('/');
  return version === '' ? path : `${path}@${encodeURIComponent(version)}`;
}

function relation(relatedSpdxElement: string, relationshipType: string) {
  return { spdxElementId: ROOT, relationshipType, relatedSpdxElement };
}
