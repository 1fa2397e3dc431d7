import type { Rate } from './pace.ts';

/** Numbers above this are seconds since the epoch, not seconds to wait: Docker Hub and GitHub give those. */
const LONGEST_SECONDS = 1_000_000_000;

/** Milliseconds in a unit, in Go's words and in people's. */
const UNITS: readonly (readonly [RegExp, number])[] = [
  [/^ns$/, 1e-6],
  [/^(?:us|µs|μs)$/, 1e-3],
  [/^(?:ms|msecs?|milliseconds?)$/, 1],
  [/^(?:|s|secs?|seconds?)$/, 1_000],
  [/^(?:m|mins?|minutes?)$/, 60_000],
  [/^(?:h|hours?)$/, 3_600_000],
];
const UNIT = '(?:ns|us|µs|μs|ms|msecs?|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?)';
const DURATION = new RegExp(String.raw`^(?:\d+(?:\.\d*)?\s*${UNIT})+$`, 'i');
const IN_WORDS = new RegExp(
  String.raw`(?:retry|try again)[-_ ]?(?:after|in)["']?\s*[:=]?\s*["']?((?:\d[\d.]*\s*${UNIT})+(?![A-Za-z])|\d[\d.]*(?!\s*[\w.]))`,
  'i',
);

/**
 * Milliseconds that a server asks to wait: from `Retry-After` as seconds or as an HTTP date (RFC 9110
 * 10.2.3), or as a Go duration such as `1.889377ms`; from Docker Hub's `X-Retry-After`, seconds since the epoch;
 * or from the text of the body, where ghcr.io and others write it.
 */
export function retryAfter(headers: Readonly<Record<string, string>>, bodyText: string, now: Date): number | undefined {
  for (const name of ['retry-after', 'x-retry-after']) {
    const text = headers[name]?.trim() ?? '';
    const wait = text === '' ? undefined : (duration(text, now) ?? until(text, now));
    if (wait !== undefined) return wait;
  }
  return duration(IN_WORDS.exec(bodyText)?.[1]?.trim() ?? '', now);
}

/** What a refusal says is allowed, such as ghcr.io's `allowed: 2000/minute`, to be spread evenly. */
export function allowedRate(bodyText: string): Rate | undefined {
  const [, count, unit = ''] = /\ballowed:?\s*(\d+)\s*\/\s*(s|sec|second|m|min|minute|h|hour)\b/i.exec(bodyText) ?? [];
  const requests = Number(count);
  return requests > 0 ? { perSecond: requests / (millisecondsIn(unit) / 1_000), burst: 0 } : undefined;
}

/** Plain seconds, a moment in seconds since the epoch, or amounts with units. */
function duration(text: string, now: Date): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(text)) {
    const seconds = Number(text);
    return seconds > LONGEST_SECONDS ? Math.max(0, seconds * 1_000 - now.getTime()) : seconds * 1_000;
  }
  if (!DURATION.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit = ''] of text.matchAll(/(\d+(?:\.\d*)?)\s*([a-zµμ]*)/gi))
    total += Number(amount) * millisecondsIn(unit);
  return total;
}

function millisecondsIn(unit: string): number {
  return UNITS.find(([name]) => name.test(unit.toLowerCase()))?.[1] ?? 0;
}

function until(text: string, now: Date): number | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}
