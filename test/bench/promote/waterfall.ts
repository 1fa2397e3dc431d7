import type { TimedRequest } from './latency-proxy.ts';

const COLUMNS = 100;

/** One line per request, in the order in which they began: what waited for what, and what could have begun before. */
export function waterfall(started: number, ends: Readonly<Record<string, readonly TimedRequest[]>>): string {
  const requests = Object.entries(ends).flatMap(([end, all]) => all.map((request) => ({ end, ...request })));
  const last = Math.max(...requests.map(({ started: at, ended = at }) => ended));
  const column = (at: number) => Math.round(((at - started) / (last - started)) * COLUMNS);
  const lines = requests
    .toSorted((a, b) => a.started - b.started)
    .map(({ end, line, started: at, ended = last }) => {
      const bar = ' '.repeat(column(at)) + '█'.repeat(Math.max(1, column(ended) - column(at)));
      const times = [at, ended].map((one) => String(Math.round(one - started)).padStart(5)).join('');
      return `${times} ${end} ${shortened(line).padEnd(44)} ${bar}`;
    });
  return lines.join('\n');
}

/** Without the name of the repository, and with the start of each digest. */
function shortened(line: string): string {
  return line
    .replace(/\/v2\/\S+?\/(?=manifests|blobs|tags|referrers)/, '')
    .replace(/(sha256[:-][0-9a-f]{6})[0-9a-f]+/, '$1')
    .replace(/\?.*$/, '?')
    .replace(/uploads\/[^?]{8,}/, 'uploads/…');
}
