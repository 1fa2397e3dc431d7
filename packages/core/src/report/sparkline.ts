/** Eight heights, the lowest first. */
const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** Where nothing is known. */
const GAP = '·';

/** A row of numbers as one word, `▁▂▅█`; it begins at zero, so that heights compare as the numbers do. */
export function sparkline(values: readonly (number | undefined)[]): string {
  const highest = Math.max(0, ...values.filter((value) => value !== undefined));
  return values.map((value) => (value === undefined ? GAP : (BARS[heightOf(value, highest)] ?? GAP))).join('');
}

function heightOf(value: number, highest: number): number {
  return highest === 0 ? 0 : Math.round((value / highest) * (BARS.length - 1));
}
