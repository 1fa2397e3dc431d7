import { expect, it } from 'vitest';
import { canonicalPlatform } from './platform-names.ts';

it.each([
  ['linux/arm64/v8', 'linux/arm64'],
  ['linux/arm64/8', 'linux/arm64'],
  ['linux/arm64/v9', 'linux/arm64/v9'],
  ['linux/arm', 'linux/arm/v7'],
  ['linux/arm/7', 'linux/arm/v7'],
  ['linux/arm/v7', 'linux/arm/v7'],
  ['linux/arm/v6', 'linux/arm/v6'],
  ['linux/amd64/v1', 'linux/amd64'],
  ['linux/amd64/v2', 'linux/amd64/v2'],
  ['linux/s390x', 'linux/s390x'],
])('%s is %s', (name, canonical) => {
  expect(canonicalPlatform(name)).toBe(canonical);
});
