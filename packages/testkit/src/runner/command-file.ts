/**
 * Reads a file that `GITHUB_OUTPUT`, `GITHUB_STATE` or `GITHUB_ENV` names, as the runner does
 * (FileCommandManager.cs): `name=value` lines and `name<<delimiter` blocks.
 * @throws when a block does not end, which fails the step on the runner too
 */
export function parseCommandFile(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split(/\r?\n/);
  while (lines.length > 0) {
    const line = lines.shift() ?? '';
    if (line === '') continue;
    const block = /^([^=]+?)<<(.+)$/.exec(line);
    if (block !== null) {
      values[block[1] ?? ''] = takeBlock(lines, block[2] ?? '');
      continue;
    }
    const equals = line.indexOf('=');
    if (equals < 1) throw new Error(`the runner would refuse this line: ${line}`);
    values[line.slice(0, equals)] = line.slice(equals + 1);
  }
  return values;
}

function takeBlock(lines: string[], delimiter: string): string {
  const end = lines.indexOf(delimiter);
  if (end === -1) throw new Error(`the block does not end with ${delimiter}`);
  const value = lines.splice(0, end).join('\n');
  lines.shift();
  return value;
}
