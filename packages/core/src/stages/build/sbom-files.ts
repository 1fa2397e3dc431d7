import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cycloneDx } from '../../report/cyclonedx.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import type { BuildEvidence } from './build-evidence.ts';

/** The SBOM of one platform, in both formats. */
export interface SbomFiles {
  /** `linux/arm64`. */
  readonly platform: string;
  /** Path of the SPDX 2.3 document, as BuildKit's attestation has it. */
  readonly spdx: string;
  /** Path of the same packages as CycloneDX 1.6. */
  readonly cyclonedx: string;
}

/**
 * Writes the SBOMs of an image as files, one pair for each platform that has one.
 * @param image `registry/repository`, which the CycloneDX document names
 */
export async function writeSboms(
  { shape, statements }: BuildEvidence,
  image: string,
  directory: string,
): Promise<readonly SbomFiles[]> {
  await mkdir(directory, { recursive: true });
  const written = shape.platforms.map(async ({ name, descriptor: { digest } }) => {
    const found = statements.find(
      ({ platform, statement }) => platform === digest && statement.predicateType === PREDICATE_TYPES.spdx,
    );
    if (found === undefined) return [];
    const { predicate } = found.statement;
    const base = path.join(directory, `sbom-${name.replaceAll('/', '-')}`);
    const files = { platform: name, spdx: `${base}.spdx.json`, cyclonedx: `${base}.cdx.json` };
    await writeFile(files.spdx, JSON.stringify(predicate));
    await writeFile(files.cyclonedx, JSON.stringify(cycloneDx(predicate, { name: image, version: digest })));
    return [files];
  });
  return (await Promise.all(written)).flat();
}

/** `{"linux/amd64": {"spdx": "path", "cyclonedx": "path"}}`: the shape of the `sboms` output. */
export function sbomPaths(sboms: readonly SbomFiles[]) {
  return Object.fromEntries(sboms.map(({ platform, ...paths }) => [platform, paths]));
}
