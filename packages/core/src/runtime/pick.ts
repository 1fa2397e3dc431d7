/** The value at a path of somebody else's JSON, or `undefined` wherever the path leaves the objects. */
export function pick(json: unknown, ...path: readonly (string | number)[]): unknown {
  let value = json;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.hasOwn(value, key) ? (value as Record<string | number, unknown>)[key] : undefined;
  }
  return value;
}

/** The non-empty text at a path. */
export function pickText(json: unknown, ...path: readonly (string | number)[]): string | undefined {
  const value = pick(json, ...path);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
