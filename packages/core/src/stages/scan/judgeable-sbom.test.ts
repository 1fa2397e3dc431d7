import { describe, expect, it } from 'vitest';
import { judgeableSbom } from './judgeable-sbom.ts';

/** As syft writes it. */
function spdx(...purls: readonly string[]) {
  return {
    spdxVersion: 'SPDX-2.3',
    packages: [
      ...purls.map((purl) => ({
        name: /\/([^/@]+)@/.exec(purl)?.[1],
        versionInfo: decodeURIComponent(/@([^?]+)/.exec(purl)?.[1] ?? ''),
        externalRefs: [
          { referenceType: 'cpe23Type', referenceLocator: 'cpe:2.3:a:x' },
          { referenceType: 'purl', referenceLocator: purl },
        ],
      })),
      { name: 'the image itself' },
    ],
  };
}

interface Component {
  readonly name: string;
  readonly version: string;
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
}

function componentsOf(document: unknown): readonly Component[] {
  const { document: made } = judgeableSbom(document);
  return (made as { components: readonly Component[] }).components;
}

const propertiesOf = (component: Component | undefined) =>
  Object.fromEntries((component?.properties ?? []).map(({ name, value }) => [name.split(':')[2], value]));

describe('the operating system', () => {
  it.each([
    ['pkg:apk/alpine/musl@1.2.5-r0?arch=x86_64&distro=alpine-3.20.1', 'alpine', '3.20.1'],
    ['pkg:apk/alpine/musl@1.2.5-r0?arch=x86_64&distro=3.20.1', 'alpine', '3.20.1'],
    ['pkg:deb/debian/zlib1g@1?distro=debian-12', 'debian', '12'],
    ['pkg:rpm/redhat/bash@5?distro=rhel-9.4', 'redhat', '9.4'],
    ['pkg:rpm/opensuse/bash@5?distro=opensuse-leap-15.6', 'opensuse-leap', '15.6'],
  ])('of %s is %s %s', (purl, name, version) => {
    expect(componentsOf(spdx(purl))[0]).toMatchObject({ type: 'operating-system', name, version });
  });

  it.each(['pkg:deb/debian/zlib1g@1', 'pkg:rpm/x/bash@5?distro=unknown'])('of %s is a problem', (purl) => {
    expect(judgeableSbom(spdx(purl)).problem).toBeDefined();
  });

  it('need not be there for other packages', () => {
    const { problem, operatingSystem, packages } = judgeableSbom(spdx('pkg:npm/left-bad@1.0.0'));
    expect({ problem, operatingSystem, packages: packages.length }).toEqual({ packages: 1 });
  });
});

describe('the source package', () => {
  it.each([
    [
      'pkg:deb/debian/libssl1.1@1%3A1.1.1k-1%2Bdeb11u1?upstream=openssl&distro=debian-11',
      { SrcName: 'openssl', SrcVersion: '1.1.1k', SrcRelease: '1+deb11u1', SrcEpoch: '1' },
    ],
    ['pkg:deb/debian/libx@2?upstream=x%401.0-3&distro=debian-11', { SrcName: 'x', SrcVersion: '1.0', SrcRelease: '3' }],
    ['pkg:deb/debian/zlib1g@1.2-2?distro=debian-11', { SrcName: 'zlib1g', SrcVersion: '1.2', SrcRelease: '2' }],
    [
      'pkg:apk/alpine/libssl3@3.1-r2?upstream=openssl&distro=alpine-3.20.1',
      { SrcName: 'openssl', SrcVersion: '3.1-r2' },
    ],
  ])('of %s', (purl, expected) => expect(propertiesOf(componentsOf(spdx(purl))[1])).toEqual(expected));
});

it('takes CycloneDX as well, with what is inside of other components', () => {
  const inner = { name: 'left-bad', version: '1.0.0', purl: 'pkg:npm/left-bad@1.0.0' };
  const { packages } = judgeableSbom({ bomFormat: 'CycloneDX', components: [{ name: 'app', components: [inner] }] });
  expect(packages).toHaveLength(1);
});

it.each([undefined, null, 'text', {}, { packages: 'none' }])('has nothing for %o', (document) => {
  expect(judgeableSbom(document).packages).toEqual([]);
});

describe('what trivy would pass over', () => {
  it.each([
    ['pkg:rpm/almalinux/bash@5?distro=almalinux-9.3', 'pkg:rpm/alma/bash@5?distro=almalinux-9.3'],
    ['pkg:rpm/amzn/bash@5?distro=amzn-2023', 'pkg:rpm/amazon/bash@5?distro=amzn-2023'],
    ['pkg:rpm/sles/bash@5?distro=sles-15.5', 'pkg:rpm/suse/bash@5?distro=sles-15.5'],
    ['pkg:rpm/opensuse-leap/bash@5?distro=opensuse-leap-15.5', 'pkg:rpm/opensuse/bash@5?distro=opensuse-leap-15.5'],
  ])('%s is named as trivy does', (purl, named) => {
    expect(componentsOf(spdx(purl))[1]).toMatchObject({ purl: named });
  });

  it.each([
    'pkg:rpm/fedora/bash@5?distro=fedora-39',
    'pkg:deb/raspbian/bash@5?distro=raspbian-11',
    'pkg:alpm/arch/bash@5?distro=arch-rolling',
  ])('%s is a problem', (purl) => {
    expect(judgeableSbom(spdx(purl)).problem).toBeDefined();
  });

  it('a library without package URL is one, beside others', () => {
    const component = (name: string, more: object) => ({ type: 'library', name, version: '1', ...more });
    const components = [component('left', { purl: 'pkg:npm/left@1' }), component('right', {})];
    expect(judgeableSbom({ components }).problem).toContain('right');
    const aside = [components[0], { type: 'operating-system', name: 'debian', version: '12' }];
    expect(judgeableSbom({ components: aside }).problem).toBeUndefined();
  });
});

it('carries the licences that the SBOM states', () => {
  const purl = { referenceType: 'purl', referenceLocator: 'pkg:npm/left@1' };
  const stated = { licenseConcluded: 'NOASSERTION', licenseDeclared: 'MIT' };
  const { document } = judgeableSbom({
    packages: [{ name: 'left', versionInfo: '1', externalRefs: [purl], ...stated }],
  });
  expect(document).toMatchObject({ components: [{ licenses: [{ expression: 'MIT' }] }] });
});
