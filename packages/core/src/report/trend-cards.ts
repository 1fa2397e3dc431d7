import { escapeHtml } from './markdown.ts';
import type { TrendLine, TrendPoint } from './trend-lines.ts';

const WIDTH = 240;
const HEIGHT = 56;
/** A bar is never wider than this, so that two releases do not look like two walls. */
const WIDEST = 22;
/** What a value above zero is at least as high as. */
const LEAST = 2;

/**
 * A card for each measure, as HTML without an empty line, which would end it inside Markdown. The drawing takes its colours from
 * the style sheet of the page; what it says is in its title and in the table below, too.
 */
export function trendCards(lines: readonly TrendLine[]): string {
  return `<div class="trends">\n${lines.map(card).join('\n')}\n</div>`;
}

function card(line: TrendLine): string {
  const { name, now, change, alarm, tone } = line;
  return [
    `<section class="trend tone-${tone}${alarm ? ' alarm' : ''}">`,
    `<p class="trend-name">${escapeHtml(name)}</p>`,
    `<p class="trend-now">${escapeHtml(now)}</p>`,
    `<p class="trend-change">${escapeHtml(change) || '&nbsp;'}</p>`,
    bars(line),
    '</section>',
  ].join('\n');
}

function bars({ name, now, points }: TrendLine): string {
  const highest = Math.max(1, ...points.map(({ value = 0 }) => value));
  const step = Math.min(WIDEST, WIDTH / points.length);
  const title = `${name}, ${points.length} values from the oldest to the newest, now ${now}`;
  const drawn = points.map((point, index) => bar(point, { x: index * step, width: step * 0.72, highest }));
  return [
    `<svg class="bars" role="img" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}">`,
    `<title>${escapeHtml(title)}</title>`,
    `<path class="ground" d="M0 ${HEIGHT - 0.5}H${WIDTH}"/>`,
    ...drawn,
    '</svg>',
  ].join('');
}

interface Place {
  readonly x: number;
  readonly width: number;
  readonly highest: number;
}

/** The whole value, and over it from the ground the part that is bad. */
function bar({ value, bad = 0, label }: TrendPoint, { x, width, highest }: Place): string {
  const title = `<title>${escapeHtml(label)}</title>`;
  if (value === undefined) {
    return `<g>${title}<circle class="gap" cx="${(x + width / 2).toFixed(1)}" cy="${HEIGHT - 6}" r="2"/></g>`;
  }
  const rect = (kind: string, amount: number) => {
    const height = amount === 0 ? 0 : Math.max(LEAST, (amount / highest) * (HEIGHT - 4));
    const y = (HEIGHT - 1 - height).toFixed(1);
    return `<rect class="${kind}" x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${height.toFixed(1)}" rx="1.5"/>`;
  };
  return `<g>${title}${rect('all', value)}${bad === 0 ? '' : rect('bad', bad)}</g>`;
}
