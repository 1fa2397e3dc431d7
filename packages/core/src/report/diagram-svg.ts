import type { Box, Diagram } from './diagram.ts';
import { escapeHtml } from './markdown.ts';

const LINE = 18;
const CHARACTER = 7.4;
const PADDING = 12;
const GAP = { across: 48, down: 14 } as const;

interface Placed extends Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The diagram as SVG that takes its colours from the page's style sheet (`box-good` and its like). */
export function diagramSvg(diagram: Diagram): string {
  const placed = place(diagram);
  const width = Math.max(...placed.map(({ x, width: across }) => x + across)) + PADDING;
  const height = Math.max(...placed.map(({ y, height: down }) => y + down)) + PADDING;
  const arrows = diagram.arrows.map(([from, to]) => arrow(placed[from], placed[to]));
  return [
    `<svg class="diagram" role="img" viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}" width="${Math.ceil(width)}">`,
    `<title>${escapeHtml(diagram.title)}</title>`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">',
    '<path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>',
    ...arrows,
    ...placed.map(drawBox),
    '</svg>',
  ].join('\n');
}

/** A column for each distance from the start; within it, boxes in the order they were given. */
function place({ boxes, arrows }: Diagram): readonly Placed[] {
  const columns = depths(boxes.length, arrows);
  const lefts = columnLefts(boxes, columns);
  const bottoms = new Map<number, number>();
  return boxes.map((box, index) => {
    const column = columns[index] ?? 0;
    const y = bottoms.get(column) ?? PADDING;
    const height = box.lines.length * LINE + PADDING;
    bottoms.set(column, y + height + GAP.down);
    return { ...box, x: lefts[column] ?? PADDING, y, width: widthOf(box), height };
  });
}

/** The longest way from a box without arrows to it; as many rounds as boxes are enough without loops. */
function depths(count: number, arrows: Diagram['arrows']): readonly number[] {
  const depth = Array.from({ length: count }, () => 0);
  for (let round = 0; round < count; round++) {
    for (const [from, to] of arrows) depth[to] = Math.max(depth[to] ?? 0, (depth[from] ?? 0) + 1);
  }
  return depth;
}

function columnLefts(boxes: readonly Box[], columns: readonly number[]): readonly number[] {
  const widest: number[] = [];
  for (const [index, box] of boxes.entries()) {
    const column = columns[index] ?? 0;
    widest[column] = Math.max(widest[column] ?? 0, widthOf(box));
  }
  let left = PADDING;
  return widest.map((width) => {
    const at = left;
    left += width + GAP.across;
    return at;
  });
}

function widthOf({ lines }: Box): number {
  return Math.max(...lines.map((line) => line.length)) * CHARACTER + 2 * PADDING;
}

function drawBox({ x, y, width, height, lines, state }: Placed): string {
  const texts = lines.map(
    (line, index) => `<text x="${x + PADDING}" y="${y + PADDING + (index + 0.6) * LINE}">${escapeHtml(line)}</text>`,
  );
  const shape = `<rect x="${x}" y="${y}" width="${width.toFixed(1)}" height="${height}" rx="6"/>`;
  return `<g class="box-${state}">${shape}${texts.join('')}</g>`;
}

function arrow(from: Placed | undefined, to: Placed | undefined): string {
  if (from === undefined || to === undefined) return '';
  const start = `${(from.x + from.width).toFixed(1)} ${from.y + from.height / 2}`;
  const middle = from.x + from.width + GAP.across / 2;
  const end = `${to.x.toFixed(1)} ${to.y + to.height / 2}`;
  const bend = `${middle.toFixed(1)} ${from.y + from.height / 2} ${middle.toFixed(1)} ${to.y + to.height / 2}`;
  return `<path class="arrow" marker-end="url(#tip)" d="M${start} C${bend} ${end}"/>`;
}
