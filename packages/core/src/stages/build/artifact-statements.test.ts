import { expect, it } from 'vitest';
import { digestOf, hexOf } from '../../oci/digest.ts';
import { OCI_MANIFEST } from '../../oci/media-types.ts';
import { cycloneDx } from '../../report/cyclonedx.ts';
import { pick } from '../../runtime/pick.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import { decodeStatement } from '../../sigstore/statement.ts';
import { artifactStatements, type PackedArtifact } from './artifact-statements.ts';

const digest = digestOf(Buffer.from('manifest'));
const file = { name: 'a.json', mediaType: 'application/json', digest: digestOf(Buffer.from('{}')), size: 2 };
const artifact: PackedArtifact = {
  root: { mediaType: OCI_MANIFEST, digest, size: 8 },
  artifactType: 'application/vnd.acme.v1',
  name: 'ghcr.io/acme/set',
  digest,
  created: new Date('2026-01-02T03:04:05.678Z'),
  files: [file],
  wanted: { provenance: true, sbom: true },
};
const left = { name: 'left-pad', purl: 'pkg:npm/left-pad', version: '1.3.0' };
const right = { name: '@acme/right', purl: 'pkg:npm/@acme/right', version: '' };

function read(given: PackedArtifact, packages = [right, left, left]) {
  const said = artifactStatements(given, packages).map(({ subject, referrer }) => {
    expect(subject).toEqual(artifact.root);
    return decodeStatement(referrer.blobs[0]?.bytes ?? Buffer.alloc(0));
  });
  return new Map(said.map((statement) => [statement.predicateType, statement]));
}

it('says of which files an artifact is', () => {
  const { subjects, predicate } = read(artifact).get(PREDICATE_TYPES.slsaprovenance1) ?? { subjects: [] };
  expect(subjects).toEqual([digest]);
  expect(pick(predicate, 'buildDefinition', 'resolvedDependencies')).toEqual([
    { name: 'a.json', digest: { sha256: hexOf(file.digest) }, mediaType: 'application/json' },
  ]);
});

it('lists files and packages in an SBOM of which CycloneDX can be made, each once and in one order', () => {
  const { predicate } = read(artifact).get(PREDICATE_TYPES.spdx) ?? {};
  expect(predicate).toMatchObject({
    creationInfo: { created: '2026-01-02T03:04:05Z' },
    packages: [
      { name: 'ghcr.io/acme/set', versionInfo: digest },
      { name: 'a.json', checksums: [{ algorithm: 'SHA256', checksumValue: hexOf(file.digest) }] },
      { name: '@acme/right', externalRefs: [{ referenceLocator: 'pkg:npm/%40acme/right' }] },
      { name: 'left-pad', versionInfo: '1.3.0', externalRefs: [{ referenceLocator: 'pkg:npm/left-pad@1.3.0' }] },
    ],
  });
  const same = read(artifact, [left, right]).get(PREDICATE_TYPES.spdx)?.predicate;
  expect(same).toEqual(predicate);
  expect(cycloneDx(predicate, { name: artifact.name, version: digest })).toMatchObject({
    components: [{}, { name: 'a.json', hashes: [{ alg: 'SHA-256' }] }, {}, { purl: 'pkg:npm/left-pad@1.3.0' }],
  });
});

it('leaves out what is not wanted', () => {
  expect([...read({ ...artifact, wanted: { provenance: false, sbom: true } }).keys()]).toEqual([PREDICATE_TYPES.spdx]);
  expect(read({ ...artifact, wanted: { provenance: false, sbom: false } }).size).toBe(0);
});
