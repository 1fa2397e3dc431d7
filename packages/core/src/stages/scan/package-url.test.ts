import { expect, test } from 'vitest';
import { barePurl, ecosystemOfPurl, osvName, purlForOsv, purlOfEcosystem } from './package-url.ts';

test.each([
  ['pkg:apk/alpine/musl@1.2.5-r0?arch=x86_64&distro=3.20.1', 'pkg:apk/alpine/musl'],
  ['pkg:npm/%40acme/left@1.0.0', 'pkg:npm/@acme/left'],
  ['pkg:npm/@acme/left', 'pkg:npm/@acme/left'],
  ['pkg:golang/golang.org/x/text@v0.3.0#unicode', 'pkg:golang/golang.org/x/text'],
  ['pkg:pypi/Zope.Interface@1', 'pkg:pypi/zope-interface'],
  ['pkg:golang/github.com/Masterminds/goutils@1.1.0', 'pkg:golang/github.com/masterminds/goutils'],
  ['pkg:maven/org.Example/Log@1', 'pkg:maven/org.Example/Log'],
  ['pkg:deb/debian/lib%stray@1', 'pkg:deb/debian/lib%stray'],
])('%s without its version', (purl, bare) => {
  expect(barePurl(purl)).toBe(bare);
});

test.each([
  ['npm', '@acme/left', 'pkg:npm/@acme/left'],
  ['Go', 'golang.org/x/text', 'pkg:golang/golang.org/x/text'],
  ['PyPI', 'zope.interface', 'pkg:pypi/zope-interface'],
  ['Maven', 'org.apache:commons', 'pkg:maven/org.apache/commons'],
  ['crates.io', 'time', 'pkg:cargo/time'],
  ['Alpine:v3.20', 'musl', 'pkg:alpine/musl'],
])('%s %s', (ecosystem, name, purl) => {
  expect(purlOfEcosystem(ecosystem, name)).toBe(purl);
});

test.each([
  ['pkg:maven/org.example/log4bad@2.14.0', 'org.example:log4bad', 'org.example:log4bad'],
  ['pkg:npm/%40acme/web@1.0.0', '@acme/web', 'web'],
  ['pkg:golang/golang.org/x/text@v0.3.7', 'golang.org/x/text', ''],
  ['pkg:golang/github.com/masterminds/goutils@v1', 'github.com/Masterminds/goutils', 'github.com/Masterminds/goutils'],
  ['pkg:npm/jsonstream@1.0.0', 'JSONStream', 'JSONStream'],
  ['pkg:pypi/Some_Thing@1', 'some-thing', 'Some_Thing'],
])('%s is %s at OSV, and back', (purl, name, given) => {
  expect(osvName(purl, given)).toBe(name);
  expect(purlOfEcosystem(ecosystemOfPurl(purl) ?? '', name)).toBe(barePurl(purl));
});

test('nothing stands before the name that osv-scanner is given, and nothing after the version', () => {
  const purl = 'pkg:golang/github.com/masterminds/goutils@1.1.0%2Bx?type=module';
  expect(purlForOsv(purl, 'github.com/Masterminds/goutils')).toBe(
    'pkg:golang/github.com%2FMasterminds%2Fgoutils@1.1.0%2Bx',
  );
});
