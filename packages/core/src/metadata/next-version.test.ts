import { expect, it } from 'vitest';
import { nextVersion, type ReleaseType } from './next-version.ts';

const TAGS = [
  'v1.2.3',
  'v1.10.0',
  'v1.9.9',
  'v2.0.0-rc.1',
  'v2.0.0-rc.10',
  'v2.0.0-rc.9',
  'v1.10.1-beta.7',
  'latest',
  'v1',
];

it.each<[string, readonly string[], ReleaseType, boolean, string]>([
  ['a patch', TAGS, 'patch', false, 'v1.10.1'],
  ['a patch unless it is said otherwise', TAGS, 'auto', false, 'v1.10.1'],
  ['a minor version', TAGS, 'minor', false, 'v1.11.0'],
  ['a major version, whatever its candidates', TAGS, 'major', false, 'v2.0.0'],
  ['the first candidate', TAGS, 'minor', true, 'v1.11.0-rc.1'],
  ['the next candidate, by number', TAGS, 'major', true, 'v2.0.0-rc.11'],
  ['not a candidate of another kind', TAGS, 'patch', true, 'v1.10.1-rc.1'],
  ['the first version', [], 'minor', false, 'v0.1.0'],
  ['the first candidate of all', ['main'], 'auto', true, 'v0.0.1-rc.1'],
])('after the highest comes %s', (_name, tags, type, prerelease, expected) => {
  expect(nextVersion(tags, { type, prerelease })).toBe(expected);
});
