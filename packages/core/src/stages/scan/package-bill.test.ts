import { describe, expect, it } from 'vitest';
import { digestOf } from '../../oci/digest.ts';
import { billCycloneDx } from '../../report/bill-cyclonedx.ts';
import { billSpdx } from '../../report/bill-spdx.ts';
import type { TrivyReport, TrivyResult } from '../../tools/trivy.ts';
import { locatedPackages } from './located-packages.ts';
import { packageBill } from './package-bill.ts';

const SUBJECT = { name: 'ghcr.io/acme/app', digest: digestOf(Buffer.from('platform')) };
const CREATED = new Date('2026-11-21T09:00:00.500Z');

const debian: TrivyResult = {
  Target: 'layout@sha256:1 (debian 12.5)',
  Class: 'os-pkgs',
  Type: 'debian',
  Packages: [
    {
      ID: 'libc6@1:2.36-9',
      Name: 'libc6',
      Identifier: { PURL: 'pkg:deb/debian/libc6@2.36-9?epoch=1&distro=debian-12.5', UID: 'aa' },
      Version: '2.36',
      Release: '9',
      Epoch: 1,
      SrcName: 'glibc',
      SrcVersion: '2.36',
      SrcRelease: '9',
      SrcEpoch: 1,
      Maintainer: 'GNU Libc Maintainers',
      Licenses: ['GPL-2.0-only', 'its own'],
      Digest: 'md5:d41d8cd98f00b204e9800998ecf8427e',
      Layer: { Digest: 'sha256:1', DiffID: 'sha256:2' },
    },
    { ID: 'bash@5.2', Name: 'bash', Version: '5.2', DependsOn: ['libc6@1:2.36-9', 'absent@1', 'libc6@1:2.36-9'] },
  ],
};
const binary: TrivyResult = {
  Target: 'usr/bin/app',
  Class: 'lang-pkgs',
  Type: 'gobinary',
  Packages: [
    {
      ID: 'golang.org/x/net@v0.1.0',
      Name: 'golang.org/x/net',
      Version: 'v0.1.0',
      ...purl('golang/golang.org/x/net@v0.1.0'),
    },
  ],
};
const node: TrivyResult = {
  Target: 'Node.js',
  Class: 'lang-pkgs',
  Type: 'node-pkg',
  Packages: [
    {
      Name: '@acme/web',
      Version: '1.0.0',
      ...purl('npm/%40acme/web@1.0.0'),
      FilePath: 'app/web/package.json',
      Licenses: ['MIT'],
    },
    {
      Name: 'left',
      Version: '1.0.0',
      ...purl('npm/left@1.0.0'),
      FilePath: 'app/left/package.json',
      Licenses: ['MIT OR ISC'],
    },
  ],
};
const report: TrivyReport = {
  SchemaVersion: 2,
  Trivy: { Version: '0.72.0' },
  Metadata: { OS: { Family: 'debian', Name: '12.5' } },
  Results: [debian, binary, node, { Target: 'app/key.pem', Class: 'secret' }],
};

function purl(path: string) {
  return { Identifier: { PURL: `pkg:${path}` } };
}

describe('what an image is made of', () => {
  const bill = packageBill(report, SUBJECT, CREATED);

  it('is held by the operating system, by the file that lists it, or by the image', () => {
    expect(bill.items.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'operating-system debian',
      'library libc6',
      'library bash',
      'application usr/bin/app',
      'library golang.org/x/net',
      'library @acme/web',
      'library left',
    ]);
    expect(bill.top).toEqual(['system-0', 'file-1', 'package-2.0', 'package-2.1']);
    expect(bill.items[0]?.needs).toEqual(['package-0.0-aa', 'package-0.1']);
    expect(bill.items[2]?.needs).toEqual(['package-0.0-aa']);
  });

  it('has the version as the distribution writes it, and what trivy needs to judge it again', () => {
    expect(bill.items[1]).toMatchObject({
      version: '1:2.36-9',
      facts: { PkgType: 'debian', SrcName: 'glibc', SrcVersion: '2.36', SrcRelease: '9', SrcEpoch: '1' },
    });
  });

  it('is nothing where nothing was found', () => {
    const none = packageBill({ SchemaVersion: 2 }, SUBJECT, CREATED);
    expect([none.items, none.top]).toEqual([[], []]);
    expect(billCycloneDx(none)).toMatchObject({ components: [] });
    expect(billSpdx(none)).not.toHaveProperty('hasExtractedLicensingInfos');
  });

  it('lies where a finding of the same report would', () => {
    expect(locatedPackages(report).map(({ path }) => path)).toEqual([
      undefined,
      'usr/bin/app',
      'app/web/package.json',
      'app/left/package.json',
    ]);
  });
});

describe('its CycloneDX document', () => {
  const document = billCycloneDx(packageBill(report, SUBJECT, CREATED));
  const component = (name: string) => (document['components'] as { name: string }[]).find((each) => each.name === name);

  it('is about the image and the same each time', () => {
    expect(document).toMatchObject({
      metadata: { timestamp: '2026-11-21T09:00:00.500Z', component: { name: SUBJECT.name, version: SUBJECT.digest } },
    });
    expect(billCycloneDx(packageBill(report, SUBJECT, CREATED))).toEqual(document);
  });

  it('writes group, hash and licences as the specification does', () => {
    expect(component('web')).toMatchObject({ group: '@acme', licenses: [{ license: { id: 'MIT' } }] });
    expect(component('net')).toMatchObject({ group: 'golang.org/x' });
    expect(component('left')).toMatchObject({ licenses: [{ expression: 'MIT OR ISC' }] });
    expect(component('libc6')).toMatchObject({
      hashes: [{ alg: 'MD5', content: 'd41d8cd98f00b204e9800998ecf8427e' }],
      licenses: [{ license: { id: 'GPL-2.0-only' } }, { license: { name: 'its own' } }],
    });
  });

  it('points to nothing that it does not have', () => {
    const refs = new Set((document['components'] as { 'bom-ref': string }[]).map((each) => each['bom-ref']));
    const ends = (document['dependencies'] as { dependsOn: string[] }[]).flatMap(({ dependsOn }) => dependsOn);
    expect(ends.filter((ref) => !refs.has(ref))).toEqual([]);
    expect(refs.size).toBe(7);
  });
});

describe('its SPDX document', () => {
  const document = billSpdx(packageBill(report, SUBJECT, CREATED));
  const packages = document['packages'] as { SPDXID: string; name: string }[];

  it('describes the image, which contains the rest', () => {
    expect(document).toMatchObject({
      name: `${SUBJECT.name}@${SUBJECT.digest}`,
      creationInfo: { created: '2026-11-21T09:00:00Z' },
    });
    const relationships = document['relationships'] as Record<string, string>[];
    expect(relationships[0]).toMatchObject({ relationshipType: 'DESCRIBES', relatedSpdxElement: packages[0]?.SPDXID });
    const ids = new Set(['SPDXRef-DOCUMENT', ...packages.map(({ SPDXID }) => SPDXID)]);
    expect(relationships.filter((each) => !ids.has(each['relatedSpdxElement'] ?? ''))).toEqual([]);
    expect(relationships.filter((each) => each['relationshipType'] === 'DEPENDS_ON')).toHaveLength(1);
  });

  it('says of what a package was built, and what its licence is', () => {
    expect(packages.find(({ name }) => name === 'libc6')).toMatchObject({
      versionInfo: '1:2.36-9',
      sourceInfo: 'built package from: glibc 1:2.36-9',
      licenseDeclared: 'GPL-2.0-only AND LicenseRef-1-its-own',
      checksums: [{ algorithm: 'MD5' }],
    });
    expect(document).toMatchObject({ hasExtractedLicensingInfos: [{ extractedText: 'its own' }] });
  });
});
