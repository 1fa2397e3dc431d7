import { pick, pickText } from '../runtime/pick.ts';

/** What the document is about. */
export interface SbomSubject {
  /** `registry/repository`. */
  readonly name: string;
  /** Digest of the platform's manifest. */
  readonly version: string;
}

const ALGORITHMS: Readonly<Record<string, string>> = {
  MD5: 'MD5',
  SHA1: 'SHA-1',
  SHA256: 'SHA-256',
  SHA384: 'SHA-384',
  SHA512: 'SHA-512',
};
/** SPDX's words for "nobody looked" and "there is none". */
const NO_LICENCE = new Set(['NOASSERTION', 'NONE']);

/**
 * The packages of an SPDX 2.3 document as a CycloneDX 1.6 BOM (cyclonedx.org/docs/1.6/json), with purl, CPE, licence, hashes and
 * dependencies. The same document always gives the same BOM: no serial number is made up.
 */
export function cycloneDx(spdx: unknown, subject: SbomSubject): Readonly<Record<string, unknown>> {
  const root = `${subject.name}@${subject.version}`;
  const packages = listOf(spdx, 'packages').filter((each) => pickText(each, 'SPDXID') !== undefined);
  const known = new Set(packages.map((each) => pickText(each, 'SPDXID') ?? ''));
  const timestamp = pickText(spdx, 'creationInfo', 'created');
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      ...(timestamp === undefined ? {} : { timestamp }),
      component: { type: 'container', 'bom-ref': root, ...subject },
    },
    components: packages.map(component),
    dependencies: dependencies(listOf(spdx, 'relationships'), known),
  };
}

function component(spdxPackage: unknown): Readonly<Record<string, unknown>> {
  const version = pickText(spdxPackage, 'versionInfo');
  const licence = ['licenseConcluded', 'licenseDeclared']
    .map((field) => pickText(spdxPackage, field))
    .find((text) => text !== undefined && !NO_LICENCE.has(text));
  const hashes = listOf(spdxPackage, 'checksums').flatMap(hash);
  const purl = externalReference(spdxPackage, 'purl');
  const cpe = externalReference(spdxPackage, 'cpe23Type');
  return {
    type: pickText(spdxPackage, 'primaryPackagePurpose') === 'OPERATING-SYSTEM' ? 'operating-system' : 'library',
    'bom-ref': pickText(spdxPackage, 'SPDXID'),
    name: pickText(spdxPackage, 'name') ?? 'unknown',
    ...(version === undefined ? {} : { version }),
    ...(purl === undefined ? {} : { purl }),
    ...(cpe === undefined ? {} : { cpe }),
    ...(licence === undefined ? {} : { licenses: [{ expression: licence }] }),
    ...(hashes.length === 0 ? {} : { hashes }),
  };
}

function externalReference(spdxPackage: unknown, type: string): string | undefined {
  const found = listOf(spdxPackage, 'externalRefs').find((each) => pickText(each, 'referenceType') === type);
  return pickText(found, 'referenceLocator');
}

function hash(checksum: unknown): readonly { readonly alg: string; readonly content: string }[] {
  const alg = ALGORITHMS[pickText(checksum, 'algorithm') ?? ''];
  const content = pickText(checksum, 'checksumValue');
  return alg === undefined || content === undefined ? [] : [{ alg, content }];
}

/** `a DEPENDS_ON b` and `b DEPENDENCY_OF a` say the same. */
function dependencies(relationships: readonly unknown[], known: ReadonlySet<string>) {
  const edges = new Map<string, Set<string>>();
  for (const relationship of relationships) {
    const type = pickText(relationship, 'relationshipType');
    const ends = [pickText(relationship, 'spdxElementId') ?? '', pickText(relationship, 'relatedSpdxElement') ?? ''];
    if (type !== 'DEPENDS_ON' && type !== 'DEPENDENCY_OF') continue;
    const [from = '', to = ''] = type === 'DEPENDS_ON' ? ends : ends.toReversed();
    if (!known.has(from) || !known.has(to)) continue;
    edges.set(from, (edges.get(from) ?? new Set()).add(to));
  }
  return [...edges].map(([ref, dependsOn]) => ({ ref, dependsOn: [...dependsOn].toSorted() }));
}

function listOf(json: unknown, field: string): readonly unknown[] {
  const value = pick(json, field);
  return Array.isArray(value) ? value : [];
}
