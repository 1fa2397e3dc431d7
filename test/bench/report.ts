import { type Figure, isOk, ratio } from './figure.ts';

const COLUMNS = ['figure', 'ours', 'peer', 'ratio', 'limit', ''] as const;

/** A table for people. */
export function table(figures: readonly Figure[]): string {
  const rows = [COLUMNS, ...figures.map(row)];
  const widths = COLUMNS.map((_name, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  return rows
    .map((cells) =>
      cells
        .map((cell, column) => pad(cell, column, widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** One line of JSON for machines. */
export function jsonLine(figure: Figure): string {
  const { bench, figure: name, unit, ours, peer, limit, ratioLimit } = figure;
  return JSON.stringify({
    bench,
    figure: name,
    ours: round(ours),
    peer: peer === undefined ? null : round(peer.value),
    peer_name: peer?.name ?? null,
    ratio: nullable(ratio(figure)),
    limit: limit ?? ratioLimit ?? null,
    ok: isOk(figure),
    unit,
  });
}

function row(figure: Figure): string[] {
  const { figure: name, unit, ours, peer } = figure;
  const peerText = peer === undefined ? '' : `${show(peer.value)} ${unit} (${peer.name})`;
  const ratioText = ratio(figure)?.toFixed(2) ?? '';
  return [
    name,
    `${show(ours)} ${unit}`,
    peerText,
    ratioText,
    limitText(figure),
    isOk(figure) ? 'ok' : 'OVER THE LIMIT',
  ];
}

function limitText({ limit, ratioLimit, unit }: Figure): string {
  const limits = [
    limit === undefined ? '' : `${show(limit)} ${unit}`,
    ratioLimit === undefined ? '' : `ratio ${ratioLimit}`,
  ];
  return limits.filter((text) => text !== '').join(', ');
}

/** Names to the left, numbers to the right. */
function pad(cell: string, column: number, width: number): string {
  return column === 0 || column === COLUMNS.length - 1 ? cell.padEnd(width) : cell.padStart(width);
}

function show(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : String(round(value));
}

function round(value: number): number {
  return Number(value.toPrecision(value >= 1000 ? 12 : 3));
}

function nullable(value: number | undefined): number | null {
  return value === undefined ? null : round(value);
}
