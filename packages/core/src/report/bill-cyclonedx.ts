import { VERSION } from '../runtime/version.ts';
import type { BillItem, PackageBill } from './package-bill.ts';
import { Licences, statedLicences } from './spdx-licence.ts';

const ALGORITHMS: Readonly<Record<string, string>> = {
  md5: 'MD5',
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha512: 'SHA-512',
};

/** A bill as CycloneDX 1.6 (cyclonedx.org/docs/1.6/json). Pure: no serial number is made up. */
export function billCycloneDx({ subject, created, tool, items, top }: PackageBill): Readonly<Record<string, unknown>> {
  const root = `${subject.name}@${subject.digest}`;
  const known = new Licences();
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: created.toISOString(),
      tools: { components: [application('plimsoll', VERSION), application(tool.name, tool.version)] },
      component: { type: 'container', 'bom-ref': root, name: subject.name, version: subject.digest },
    },
    components: items.map((item) => component(item, known)),
    dependencies: [
      { ref: root, dependsOn: top },
      ...items.filter(({ needs }) => needs.length > 0).map(({ ref, needs }) => ({ ref, dependsOn: needs })),
    ],
  };
}

function application(name: string, version: string) {
  return { type: 'application', name, version };
}

function component(item: BillItem, known: Licences) {
  const { ref, kind, name, version, purl, supplier, hash, facts } = item;
  return {
    type: kind,
    'bom-ref': ref,
    ...(supplier && { supplier: { name: supplier } }),
    ...(kind === 'library' ? grouped(name, purl) : { name }),
    ...(version && { version }),
    ...hashes(hash),
    ...licensesOf(item, known),
    ...(purl && { purl }),
    properties: Object.entries(facts).map(([key, value]) => ({ name: `aquasecurity:trivy:${key}`, value })),
  };
}

/** Maven's `org.example:log4j`, npm's `@scope/name` and Go's paths have a group, which CycloneDX writes apart. */
function grouped(name: string, purl = ''): { readonly group?: string; readonly name: string } {
  const separator = purl.startsWith('pkg:maven/') ? ':' : '/';
  const at = /^pkg:(?:maven|npm|golang)\//.test(purl) ? name.lastIndexOf(separator) : -1;
  return at <= 0 ? { name } : { group: name.slice(0, at), name: name.slice(at + 1) };
}

/** Either one expression, or any number of licences. */
function licensesOf({ licences }: BillItem, known: Licences) {
  const stated = statedLicences(licences);
  const [only = ''] = stated;
  if (stated.length === 0) return {};
  if (stated.length === 1 && known.formOf(only) === 'expression') return { licenses: [{ expression: only }] };
  return { licenses: stated.map((text) => ({ license: known.formOf(text) === 'id' ? { id: text } : { name: text } })) };
}

function hashes(hash: string | undefined) {
  const [algorithm = '', content] = hash?.split(':') ?? [];
  const alg = ALGORITHMS[algorithm];
  return alg === undefined || content === undefined ? {} : { hashes: [{ alg, content }] };
}
