/** One measured number beside its limit and, where there is one, the peer's number from the same run. */
export interface Figure {
  readonly bench: string;
  readonly figure: string;
  readonly unit: 'ms' | 's' | 'bytes' | 'requests' | 'parts' | 'MB';
  readonly ours: number;
  readonly peer?: { readonly name: string; readonly value: number };
  /** What `ours` may be at most. */
  readonly limit?: number;
  /** What ours divided by the peer's may be at most. */
  readonly ratioLimit?: number;
}

/** `ours / peer`; undefined without a peer. */
export function ratio({ ours, peer }: Figure): number | undefined {
  return peer === undefined || peer.value === 0 ? undefined : ours / peer.value;
}

/** Within every limit that it has. */
export function isOk(figure: Figure): boolean {
  const { ours, limit = Number.POSITIVE_INFINITY, ratioLimit = Number.POSITIVE_INFINITY } = figure;
  return ours <= limit && (ratio(figure) ?? 0) <= ratioLimit;
}

/** The middle of the values; the mean of the two middle ones when their number is even. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  if (low === undefined || high === undefined) throw new RangeError('no values, no median');
  return (low + high) / 2;
}
