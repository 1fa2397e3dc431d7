/** Cells of the table; more than that would take seconds and nobody would read the result. */
const LARGEST = 4_000_000;
const CONTEXT = 2;

/** The lines of a unified diff, without its header: ` `, `-` or `+` before each, `…` where unchanged lines are left out. */
export function lineDiff(before: string, after: string): readonly string[] {
  const [old, now] = [before, after].map((text) => (text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/)));
  const marked = compare(old ?? [], now ?? []);
  return folded(marked);
}

function compare(old: readonly string[], now: readonly string[]): readonly string[] {
  if (old.length * now.length > LARGEST) return [...old.map((line) => `-${line}`), ...now.map((line) => `+${line}`)];
  const common = table(old, now);
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      lines.push(` ${old[i++]}`);
      j += 1;
    } else if (j >= now.length || (i < old.length && (common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? 0))) {
      lines.push(`-${old[i++]}`);
    } else {
      lines.push(`+${now[j++]}`);
    }
  }
  return lines;
}

/** Length of the longest common subsequence of what follows. */
function table(old: readonly string[], now: readonly string[]): readonly Uint32Array[] {
  const rows = Array.from({ length: old.length + 1 }, () => new Uint32Array(now.length + 1));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    const [row, below] = [rows[i], rows[i + 1]];
    if (row === undefined || below === undefined) continue;
    for (let j = now.length - 1; j >= 0; j -= 1) {
      row[j] = old[i] === now[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return rows;
}

function folded(lines: readonly string[]): readonly string[] {
  const near = (at: number) =>
    lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some((line) => !line.startsWith(' '));
  const shown: string[] = [];
  for (const [at, line] of lines.entries()) {
    if (near(at)) shown.push(line);
    else if (shown.at(-1) !== '…') shown.push('…');
  }
  return shown;
}
