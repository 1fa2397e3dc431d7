import { expect, it } from 'vitest';
import { variantInstead } from './platform-variants.ts';

it.each([
  ['arm', 'v7', undefined],
  ['arm', '6', undefined],
  ['arm64', 'v8.2', undefined],
  ['arm64', 'v9', undefined],
  ['amd64', 'v3', undefined],
  ['riscv64', 'rva22u64', undefined],
  ['arm', 'v99', 'v8'],
  ['arm', 'v4', 'v5'],
  ['arm', 'v7.1', 'v7'],
  ['arm', 'hf', 'v5'],
  ['arm64', 'v7', 'v8'],
  ['arm64', 'armv8', 'v8'],
  ['amd64', 'v5', 'v4'],
  ['amd64', 'v2.0', 'v2'],
])('of %s, %s is meant to be %s', (processor, variant, expected) => {
  expect(variantInstead(processor, variant)).toBe(expected);
});
