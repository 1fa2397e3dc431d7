import { expect, test } from 'vitest';
import { digestOf } from '../../oci/digest.ts';
import { endedSystem, platformProblems } from './platform-gaps.ts';
import type { ScanTarget } from './targets.ts';

const digest = digestOf(Buffer.from('config'));
const target = { platform: 'linux/amd64', manifest: { config: { digest } } } as unknown as ScanTarget;
const system = { Family: 'debian', Name: '12' };
const held = [{ Target: 'x', Class: 'os-pkgs', Packages: [{ Name: 'zlib1g' }] }];
const npm = [{ Target: 'Node.js', Class: 'lang-pkgs', Packages: [{ Name: 'left' }] }];

function outcomes(OS: object | undefined, Results: typeof held, warnings: readonly string[] = []) {
  const Metadata = { ImageID: digest, ...(OS === undefined ? {} : { OS }) };
  return platformProblems({ report: { SchemaVersion: 2, Metadata, Results }, warnings }, target).map(
    (each) => each.outcome,
  );
}

test.each([
  ['an operating system with its packages', system, held, []],
  ['a program alone', undefined, npm, []],
  ['nothing at all', undefined, [], ['incomplete']],
  ['an operating system without a package', system, [], ['incomplete']],
  ['an operating system whose packages are gone, beside others', system, npm, ['incomplete']],
])('%s', (_name, os, results, expected) => {
  expect(outcomes(os, results)).toEqual(expected);
});

test.each([
  'This OS version is not on the EOL list\tfamily="debian" version="sid"',
  'Unsupported os\tfamily="fedora"',
  '[applier] Some OS packages were skipped due to mismatched PURL namespace\tpkg_count=1',
])('is incomplete when trivy says %j', (line) => {
  expect(outcomes(system, held, [line])).toEqual(['incomplete']);
});

test('a release that gets no more fixes is told', () => {
  const report = (EOSL: boolean) => ({ SchemaVersion: 2 as const, Metadata: { OS: { ...system, EOSL } } });
  expect(endedSystem(report(true))).toBe('debian 12');
  expect(endedSystem(report(false))).toBeUndefined();
});
