/** `--name=value` for each entry, in order, as Go's flag libraries read it. */
export function flags(values: Readonly<Record<string, string | number | boolean | undefined>>): string[] {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `--${name}=${value}`);
}
