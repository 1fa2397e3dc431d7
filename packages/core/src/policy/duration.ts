const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const DURATION = /^(\d{1,6})([smhdw])$/;

/** Milliseconds of `30m`, `12h`, `2d` or `8w`; `undefined` when the text is not of that form. */
export function parseDuration(text: string): number | undefined {
  const parts = DURATION.exec(text);
  if (parts === null) return undefined;
  return Number(parts[1]) * UNITS[parts[2] as keyof typeof UNITS];
}
