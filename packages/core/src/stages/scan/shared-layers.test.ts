import { expect, test } from 'vitest';
import type { Digest } from '../../oci/digest.ts';
import { leadersOf } from './shared-layers.ts';
import type { ScanTarget } from './targets.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}` as Digest;

function target(name: string, layers: readonly (readonly [letter: string, size: number])[]): ScanTarget {
  const all = layers.map(([letter, size]) => ({ mediaType: 'x', digest: digest(letter), size }));
  return { platform: name, descriptor: { digest: digest(name) }, manifest: { layers: all } } as unknown as ScanTarget;
}

const found = (...targets: readonly ScanTarget[]) => [...leadersOf(targets)].map((pair) => pair.map((one) => one[7]));

test('a platform waits for one with nearly the same layers', () => {
  const [first, second] = [
    target('1', [
      ['a', 10],
      ['c', 90],
    ]),
    target('2', [
      ['b', 10],
      ['c', 90],
    ]),
  ];
  expect(found(first, second)).toEqual([['2', '1']]);
});

test('platforms with little in common do not wait, nor do those without layers', () => {
  expect(
    found(
      target('1', [
        ['a', 50],
        ['c', 50],
      ]),
      target('2', [
        ['b', 50],
        ['c', 50],
      ]),
    ),
  ).toEqual([]);
  expect(found(target('1', []), target('2', []))).toEqual([]);
});

test('nobody waits for one that waits itself', () => {
  const layers = [['a', 1]] as const;
  expect(found(target('1', layers), target('2', layers), target('3', layers))).toEqual([
    ['2', '1'],
    ['3', '1'],
  ]);
});
