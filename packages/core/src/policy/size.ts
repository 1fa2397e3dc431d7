const UNITS = {
  B: 1,
  kB: 1000,
  KB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
} as const;
const SIZE = /^(\d{1,9}(?:\.\d{1,3})?) ?(B|kB|KB|MB|GB|KiB|MiB|GiB)$/;

/** Bytes of `500MB`, `1.5 GiB`; `undefined` when the text is not of that form. A bare number is refused: bytes or megabytes? */
export function parseSize(text: string): number | undefined {
  const parts = SIZE.exec(text);
  if (parts === null) return undefined;
  return Math.floor(Number(parts[1]) * UNITS[parts[2] as keyof typeof UNITS]);
}
