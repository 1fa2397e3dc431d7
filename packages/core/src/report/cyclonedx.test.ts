import { describe, expect, it } from 'vitest';
import { cycloneDx } from './cyclonedx.ts';

const subject = { name: 'ghcr.io/acme/app', version: `sha256:${'a'.repeat(64)}` };
const root = { type: 'container', 'bom-ref': `${subject.name}@${subject.version}`, ...subject };

describe('cycloneDx', () => {
  it('keeps what SPDX says of a package', () => {
    const spdx = {
      creationInfo: { created: '2026-11-20T10:00:00Z' },
      packages: [
        {
          SPDXID: 'SPDXRef-a',
          name: 'a',
          versionInfo: '1.0',
          licenseConcluded: 'NOASSERTION',
          licenseDeclared: 'MIT OR Apache-2.0',
          checksums: [
            { algorithm: 'SHA256', checksumValue: 'ab' },
            { algorithm: 'ADLER32', checksumValue: 'cd' },
          ],
          externalRefs: [
            { referenceType: 'cpe23Type', referenceLocator: 'cpe:2.3:a:a:a:1.0' },
            { referenceType: 'purl', referenceLocator: 'pkg:npm/a@1.0' },
          ],
        },
        { SPDXID: 'SPDXRef-b', name: 'b', primaryPackagePurpose: 'OPERATING-SYSTEM' },
      ],
      relationships: [
        { spdxElementId: 'SPDXRef-a', relationshipType: 'DEPENDS_ON', relatedSpdxElement: 'SPDXRef-b' },
        { spdxElementId: 'SPDXRef-b', relationshipType: 'DEPENDENCY_OF', relatedSpdxElement: 'SPDXRef-a' },
        { spdxElementId: 'SPDXRef-a', relationshipType: 'CONTAINS', relatedSpdxElement: 'SPDXRef-file' },
        { spdxElementId: 'SPDXRef-a', relationshipType: 'DEPENDS_ON', relatedSpdxElement: 'SPDXRef-file' },
      ],
    };
    expect(cycloneDx(spdx, subject)).toEqual({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      version: 1,
      metadata: { timestamp: '2026-11-20T10:00:00Z', component: root },
      components: [
        {
          type: 'library',
          'bom-ref': 'SPDXRef-a',
          name: 'a',
          version: '1.0',
          purl: 'pkg:npm/a@1.0',
          cpe: 'cpe:2.3:a:a:a:1.0',
          licenses: [{ expression: 'MIT OR Apache-2.0' }],
          hashes: [{ alg: 'SHA-256', content: 'ab' }],
        },
        { type: 'operating-system', 'bom-ref': 'SPDXRef-b', name: 'b' },
      ],
      dependencies: [{ ref: 'SPDXRef-a', dependsOn: ['SPDXRef-b'] }],
    });
  });

  it.each([undefined, {}, { packages: 'x', relationships: [null] }, { packages: [{ name: 'no id' }] }])(
    'of %j is empty',
    (spdx) => {
      expect(cycloneDx(spdx, subject)).toMatchObject({
        components: [],
        dependencies: [],
        metadata: { component: root },
      });
    },
  );
});
