/** An HTML comment, which nobody sees, and by which what was written is found again. `--` would end it. */
export function markerLine(marker: string): string {
  return `<!-- plimsoll: ${marker.replaceAll(/-{2,}|[<>\r\n]/g, '-')} -->\n`;
}
