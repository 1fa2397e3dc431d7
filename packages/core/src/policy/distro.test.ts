import { expect, test } from 'vitest';
import { isDistro } from './distro.ts';

test.each([
  ['debian-12', 'debian 12.11', true],
  ['debian-12.11', 'debian 12.11', true],
  ['bookworm', 'debian 12.11', true],
  ['debian', 'debian 12.11', true],
  ['3.20.1', 'alpine 3.20.1', true],
  ['alpine-3.20', 'alpine 3.20.1', true],
  ['rhel-9', 'redhat 9.4', true],
  ['debian-1', 'debian 12.11', false],
  ['debian-12.1', 'debian 12.11', false],
  ['debian-12.11', 'debian 12', false],
  ['ubuntu-22.04', 'debian 12.11', false],
  ['sid', 'debian 12.11', false],
  ['', 'debian 12.11', false],
])('%s is %s: %s', (distro, system, expected) => {
  expect(isDistro(distro, system)).toBe(expected);
});
