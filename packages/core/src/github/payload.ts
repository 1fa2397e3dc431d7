/** The event payload: webhooks' JSON, of which nothing is certain. */
export type Payload = Readonly<Record<string, unknown>>;

/** The value at a path, or `undefined` wherever the path leaves the objects. */
export function pick(payload: unknown, ...path: readonly (string | number)[]): unknown {
  let value = payload;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.hasOwn(value, key) ? (value as Record<string | number, unknown>)[key] : undefined;
  }
  return value;
}

/** The non-empty text at a path. */
export function pickText(payload: unknown, ...path: readonly (string | number)[]): string | undefined {
  const value = pick(payload, ...path);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
