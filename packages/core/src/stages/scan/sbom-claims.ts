import { pick, pickText } from '../../runtime/pick.ts';

/** A package that an SBOM names by its package URL. */
export interface SbomPackage {
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  /** As CycloneDX writes them. */
  readonly licences?: readonly unknown[];
}

/** What claims to be a package; without `whole` it does not say which. */
export interface Claim {
  readonly name: string;
  readonly whole?: SbomPackage;
}

/** SPDX: the image itself, its operating system, files and applications are no packages to be judged. */
const NO_PACKAGE = new Set([
  'CONTAINER',
  'OPERATING-SYSTEM',
  'OPERATING_SYSTEM',
  'FILE',
  'APPLICATION',
  'ARCHIVE',
  'SOURCE',
]);

/** Of SPDX 2.x and CycloneDX. */
export function claimsOf(document: unknown): readonly Claim[] {
  return [...spdxPackages(document), ...cycloneDxPackages(document)];
}

function spdxPackages(document: unknown): readonly Claim[] {
  const described = new Set([...listOf(document, 'documentDescribes'), ...describedBy(document)]);
  return listOf(document, 'packages').flatMap((each) => {
    const purl = listOf(each, 'externalRefs')
      .filter((reference) => pickText(reference, 'referenceType') === 'purl')
      .flatMap((reference) => pickText(reference, 'referenceLocator') ?? [])[0];
    const aside =
      NO_PACKAGE.has(pickText(each, 'primaryPackagePurpose') ?? '') || described.has(pickText(each, 'SPDXID'));
    const stated = ['licenseConcluded', 'licenseDeclared'].map((field) => pickText(each, field) ?? '');
    const licence = stated.find((text) => !['', 'NOASSERTION', 'NONE'].includes(text));
    const licences = licence === undefined ? [] : [{ expression: licence }];
    return found({ name: pickText(each, 'name'), version: pickText(each, 'versionInfo'), purl, licences, aside });
  });
}

function describedBy(document: unknown): readonly (string | undefined)[] {
  const relations = listOf(document, 'relationships');
  const describing = relations.filter((each) => pickText(each, 'relationshipType') === 'DESCRIBES');
  return describing.map((each) => pickText(each, 'relatedSpdxElement'));
}

function cycloneDxPackages(document: unknown): readonly Claim[] {
  return listOf(document, 'components').flatMap((each) => [
    ...found({
      name: pickText(each, 'name'),
      version: pickText(each, 'version'),
      purl: pickText(each, 'purl'),
      licences: listOf(each, 'licenses'),
      aside: pickText(each, 'type') !== 'library',
    }),
    ...cycloneDxPackages(each),
  ]);
}

interface Entry {
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly purl: string | undefined;
  readonly licences: readonly unknown[];
  /** Not counted as a package where it does not say that it is one. */
  readonly aside: boolean;
}

function found({ name, version, purl, licences, aside }: Entry): readonly Claim[] {
  if (name !== undefined && version !== undefined && version !== '' && purl !== undefined) {
    return [{ name, whole: { name, version, purl, ...(licences.length === 0 ? {} : { licences }) } }];
  }
  // An image has neither; the main module of a Go program has no version, and is the image's own.
  const nameless = name === undefined || (version === undefined && purl === undefined);
  return aside || nameless || purl?.startsWith('pkg:golang/') === true ? [] : [{ name }];
}

function listOf(json: unknown, field: string): readonly unknown[] {
  const value = pick(json, field);
  return Array.isArray(value) ? value : [];
}
