import { expect, test } from 'vitest';
import type { TrivyReport } from '../../tools/trivy.ts';
import { licenceFindings } from './licence-findings.ts';

const rules = { allow: ['MIT'], deny: [], unknown: 'pass' } as const;
const report: TrivyReport = {
  SchemaVersion: 2,
  Results: [
    {
      Target: 'package-lock.json',
      Class: 'lang-pkgs',
      Type: 'npm',
      Packages: [
        { Name: 'good', Version: '1', Licenses: ['(MIT OR GPL-3.0-only)'] },
        { Name: 'bad', Version: '2', Licenses: ['MIT', 'AGPL-3.0-only'], Identifier: { PURL: 'pkg:npm/bad@2' } },
        { Name: 'silent', Version: '3' },
      ],
    },
  ],
};

test('names the refused licence, the package and the lockfile', () => {
  // `package-lock.json` at the root has no slash, and is a path all the same.
  const [only, ...others] = licenceFindings(report, { in: 'source' }, rules);
  expect(others).toEqual([]);
  expect(only).toMatchObject({
    id: 'AGPL-3.0-only',
    package: { name: 'bad', purl: 'pkg:npm/bad', versions: ['2'] },
    places: [{ in: 'source', path: 'package-lock.json' }],
  });
});

test('packages without a licence count only when the policy says so', () => {
  const found = licenceFindings(report, { in: 'image', platform: 'linux/amd64' }, { ...rules, unknown: 'block' });
  expect(found.map(({ id, package: { name } }) => `${name} ${id}`)).toEqual([
    'bad AGPL-3.0-only',
    'silent NOASSERTION',
  ]);
  expect(found[0]?.places).toMatchObject([{ in: 'image', platforms: ['linux/amd64'] }]);
});

test('nothing is looked at without rules', () => {
  expect(licenceFindings(report, { in: 'source' }, undefined)).toEqual([]);
});
