// A Markdown table from rows of cells.

/** @param {string} text */
const cell = (text) =>
  text
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll('|', '\\|');

/** @param {readonly string[]} cells */
const line = (cells) => `| ${cells.map(cell).join(' | ')} |`;

/**
 * @param {readonly string[]} header
 * @param {readonly (readonly string[])[]} rows
 */
export function markdownTable(header, rows) {
  return [line(header), `|${' --- |'.repeat(header.length)}`, ...rows.map(line)].join('\n');
}
