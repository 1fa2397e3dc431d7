import type { Digest } from '../../oci/digest.ts';
import { digestOf, hexOf } from '../../oci/digest.ts';
import { cycloneDx } from '../../report/cyclonedx.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import { type ImageShape, subjectsOf } from '../verify/image.ts';
import type { BuildRun } from './build-run.ts';
import type { BuildStatement } from './buildkit.ts';
import { type Byproduct, completeProvenance } from './provenance.ts';

export interface BuildContext {
  readonly image: ImageShape;
  /** `registry/repository`, which the CycloneDX documents name. */
  readonly repository: string;
  readonly run: BuildRun;
}

/** Media type and ending by predicate type; the names and bytes are those of the files that build hands out. */
const FORMATS: ReadonlyMap<string, { readonly mediaType: string; readonly ending: string }> = new Map([
  [PREDICATE_TYPES.spdx, { mediaType: 'application/spdx+json', ending: 'spdx.json' }],
  [PREDICATE_TYPES.cyclonedx, { mediaType: 'application/vnd.cyclonedx+json', ending: 'cdx.json' }],
]);

/**
 * What BuildKit says about a build, said completely: every SPDX document as CycloneDX too, and provenance that knows
 * its run and the SBOMs. Pure.
 */
export function describeBuild(built: readonly BuildStatement[], context: BuildContext): readonly BuildStatement[] {
  const said = [...built, ...cycloneDxOf(built, context.repository)];
  return said.map(({ platform, statement }) => ({
    platform,
    statement: completeProvenance(statement, { run: context.run, byproducts: sbomsOf(platform, said, context.image) }),
  }));
}

/** For each platform that has an SPDX document and no CycloneDX one. */
function cycloneDxOf(built: readonly BuildStatement[], name: string): readonly BuildStatement[] {
  const of = (type: string) => built.filter(({ statement }) => statement.predicateType === type);
  const there = new Set(of(PREDICATE_TYPES.cyclonedx).map(({ platform }) => platform));
  return of(PREDICATE_TYPES.spdx)
    .filter(
      ({ platform }, index, all) =>
        !there.has(platform) && all.findIndex((each) => each.platform === platform) === index,
    )
    .map(({ platform, statement: { subjects, predicate } }) => ({
      platform,
      statement: {
        subjects,
        predicateType: PREDICATE_TYPES.cyclonedx,
        predicate: cycloneDx(predicate, { name, version: platform }),
      },
    }));
}

function sbomsOf(platform: Digest, said: readonly BuildStatement[], image: ImageShape): readonly Byproduct[] {
  const name = subjectsOf(image).find(({ descriptor }) => descriptor.digest === platform)?.name ?? platform;
  return said.flatMap(({ platform: about, statement: { predicateType, predicate } }) => {
    const format = FORMATS.get(predicateType);
    if (format === undefined || about !== platform) return [];
    const sha256 = hexOf(digestOf(Buffer.from(JSON.stringify(predicate))));
    return [
      { name: `sbom-${name.replaceAll('/', '-')}.${format.ending}`, mediaType: format.mediaType, digest: { sha256 } },
    ];
  });
}
