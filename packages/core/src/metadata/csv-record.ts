/**
 * One record of comma-separated fields (RFC 4180): a field in double quotes may hold commas, and a quote doubled.
 * @throws Error with a reason fit for a person
 */
export function parseRecord(line: string): readonly string[] {
  const fields: string[] = [];
  let rest = line;
  for (;;) {
    const { value, after } = rest.startsWith('"') ? quotedField(rest) : plainField(rest);
    fields.push(value);
    if (after === undefined) return fields;
    rest = after;
  }
}

interface Field {
  readonly value: string;
  /** What stands behind the comma; absent at the end of the record. */
  readonly after: string | undefined;
}

function plainField(text: string): Field {
  const comma = text.indexOf(',');
  const value = comma === -1 ? text : text.slice(0, comma);
  if (value.includes('"')) throw new Error('a double quote inside a field; put the whole field in double quotes');
  return { value, after: comma === -1 ? undefined : text.slice(comma + 1) };
}

function quotedField(text: string): Field {
  const found = /^"((?:[^"]|"")*)"(,|$)/.exec(text);
  if (found === null) throw new Error('a double quote that does not end its field');
  const value = (found[1] ?? '').replaceAll('""', '"');
  return { value, after: found[2] === ',' ? text.slice(found[0].length) : undefined };
}
