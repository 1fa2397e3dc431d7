/** Variants that containerd and BuildKit tell apart (containerd platforms, `compare.go`), by processor; of others none are agreed on. */
const VARIANTS: Readonly<Record<string, readonly number[]>> = {
  amd64: [1, 2, 3, 4],
  arm: [5, 6, 7, 8],
  arm64: [8, 9],
};

/**
 * What was meant by the variant of a processor that has no such one: the nearest that it has.
 * @param variant as people write it, also `7` for `v7`; arm64 has levels too, `v8.2`
 * @returns nothing where it has that variant, or where that cannot be told
 */
export function variantInstead(processor: string, variant: string): string | undefined {
  const known = VARIANTS[processor];
  if (known === undefined) return undefined;
  const pattern = processor === 'arm64' ? /^v?(\d+)(?:\.\d)?$/ : /^v?(\d+)$/;
  if (known.includes(Number(pattern.exec(variant)?.[1]))) return undefined;
  const wanted = Number(/\d+/.exec(variant)?.[0] ?? 0);
  const [nearest = wanted] = known.toSorted((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted));
  return `v${nearest}`;
}
