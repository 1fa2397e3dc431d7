import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import type { Statement } from '../../sigstore/statement.ts';
import { asList, asText, at } from './content-rules.ts';

export type SbomFormat = 'spdx' | 'cyclonedx';

export interface SbomPackage {
  /** With its group, such as `@babel/core`; empty where the document has none. */
  readonly name: string;
  /** Empty for what is no package: files, the image itself, its platform. */
  readonly version: string;
  /** Package URLs. */
  readonly urls: readonly string[];
}

/** What an attested SBOM lists; nothing for a document that cannot be read. */
export function sbomPackages({
  predicateType,
  predicate,
}: Pick<Statement, 'predicateType' | 'predicate'>): readonly SbomPackage[] {
  const document = parsed(predicate);
  return predicateType === PREDICATE_TYPES.cyclonedx
    ? asList(at(document, 'components')).map(cyclonedxPackage)
    : asList(at(document, 'packages')).map(spdxPackage);
}

/** SPDX 2.3, section 7. */
function spdxPackage(each: unknown): SbomPackage {
  const references = asList(at(each, 'externalRefs')).filter((one) => asText(at(one, 'referenceType')) === 'purl');
  return {
    name: asText(at(each, 'name')),
    version: asText(at(each, 'versionInfo')),
    urls: references.map((one) => asText(at(one, 'referenceLocator'))),
  };
}

/** CycloneDX 1.x, `components`: npm's scope and Maven's group are apart from the name. */
function cyclonedxPackage(each: unknown): SbomPackage {
  const [group, name] = [asText(at(each, 'group')), asText(at(each, 'name'))];
  return {
    name: group === '' ? name : `${group}/${name}`,
    version: asText(at(each, 'version')),
    urls: [asText(at(each, 'purl'))],
  };
}

/** `cosign attest --type spdx` signs the document as one text. */
function parsed(predicate: unknown): unknown {
  if (typeof predicate !== 'string') return predicate;
  try {
    return JSON.parse(predicate);
  } catch {
    return undefined;
  }
}
