import { hexOf } from '../oci/digest.ts';
import { VERSION } from '../runtime/version.ts';
import type { BillItem, PackageBill } from './package-bill.ts';
import { Licences } from './spdx-licence.ts';

const DOCUMENT = 'SPDXRef-DOCUMENT';
const ROOT = 'SPDXRef-ContainerImage';
/** Trivy tells by these what an SPDX package is. */
const PREFIXES = { 'operating-system': 'OperatingSystem', application: 'Application', library: 'Package' } as const;
const PURPOSES = { 'operating-system': 'OPERATING-SYSTEM', application: 'APPLICATION', library: 'LIBRARY' } as const;
const UNSAID = { downloadLocation: 'NOASSERTION', filesAnalyzed: false, copyrightText: 'NOASSERTION' } as const;

/** A bill as SPDX 2.3 (spdx.github.io/spdx-spec/v2.3). Pure: the same scan gives the same document. */
export function billSpdx(bill: PackageBill): Readonly<Record<string, unknown>> {
  const { subject, created, tool, items, top } = bill;
  const root = `${subject.name}@${subject.digest}`;
  const date = created.toISOString().replace(/\.\d+Z$/, 'Z');
  const ids = new Map(items.map(({ ref, kind }, at) => [ref, `SPDXRef-${PREFIXES[kind]}-${at + 1}`]));
  const licences = new Licences();
  const packages = items.map((item) => spdxPackage(item, { id: ids.get(item.ref) ?? '', date, tool, licences }));
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: DOCUMENT,
    name: root,
    documentNamespace: `https://spdx.org/spdxdocs/${subject.name}-${hexOf(subject.digest)}-${created.getTime()}`,
    creationInfo: { created: date, creators: [`Tool: plimsoll-${VERSION}`, `Tool: ${tool.name}-${tool.version}`] },
    packages: [imagePackage(bill), ...packages],
    relationships: [
      related(DOCUMENT, 'DESCRIBES', ROOT),
      ...top.map((ref) => related(ROOT, 'CONTAINS', ids.get(ref) ?? '')),
      ...items.flatMap((item) => relationships(item, ids)),
    ],
    ...(licences.extracted.length > 0 && { hasExtractedLicensingInfos: licences.extracted }),
  };
}

function imagePackage({ subject: { name, digest } }: PackageBill) {
  return {
    SPDXID: ROOT,
    name,
    versionInfo: digest,
    ...UNSAID,
    primaryPackagePurpose: 'CONTAINER',
    checksums: [{ algorithm: 'SHA256', checksumValue: hexOf(digest) }],
  };
}

interface Around extends Pick<PackageBill, 'tool'> {
  readonly id: string;
  readonly date: string;
  readonly licences: Licences;
}

function spdxPackage(item: BillItem, { id, date, tool, licences }: Around) {
  const { kind, name, version, purl, supplier, path, hash, facts } = item;
  const annotator = `Tool: ${tool.name}-${tool.version}`;
  return {
    SPDXID: id,
    name,
    ...(version && { versionInfo: version }),
    ...(supplier && { supplier: `Organization: ${supplier}` }),
    ...(path && { packageFileName: path }),
    ...UNSAID,
    ...checksums(hash),
    ...sourceInfo(facts),
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: licences.declared(item.licences),
    ...(purl && { externalRefs: [reference(purl)] }),
    primaryPackagePurpose: PURPOSES[kind],
    annotations: Object.entries(facts).map(([key, value]) => ({
      annotator,
      annotationDate: date,
      annotationType: 'OTHER',
      comment: `${key}: ${value}`,
    })),
  };
}

function reference(purl: string) {
  return { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl };
}

function checksums(hash: string | undefined) {
  const [algorithm = '', checksumValue] = hash?.split(':') ?? [];
  const isKnown = /^(?:md5|sha1|sha256|sha512)$/.test(algorithm) && checksumValue !== undefined;
  return isKnown ? { checksums: [{ algorithm: algorithm.toUpperCase(), checksumValue }] } : {};
}

/** Trivy finds advisories of distributions by source package, and reads that here. */
function sourceInfo({ SrcName: name, SrcVersion: version, SrcRelease: release, SrcEpoch: epoch }: BillItem['facts']) {
  if (name === undefined || version === undefined) return {};
  const full = `${epoch ? `${epoch}:` : ''}${version}${release ? `-${release}` : ''}`;
  return { sourceInfo: `built package from: ${name} ${full}` };
}

function relationships({ ref, kind, needs }: BillItem, ids: ReadonlyMap<string, string>) {
  const type = kind === 'library' ? 'DEPENDS_ON' : 'CONTAINS';
  return needs.map((need) => related(ids.get(ref) ?? '', type, ids.get(need) ?? ''));
}

function related(spdxElementId: string, relationshipType: string, relatedSpdxElement: string) {
  return { spdxElementId, relationshipType, relatedSpdxElement };
}
