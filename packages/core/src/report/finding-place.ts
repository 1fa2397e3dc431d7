import type { FindingPlace } from '../policy/findings.ts';

/** `image linux/amd64, linux/arm64: /app/key.pem (Dockerfile:3)` or `source: package-lock.json:3`. */
export function placeText(place: FindingPlace): string {
  const line = place.line === undefined ? '' : `:${place.line}`;
  if (place.in === 'source') return `source: ${place.path}${line}`;
  const path = place.path === undefined ? '' : `: ${place.path}${line}`;
  const origin = place.origin === undefined ? '' : ` (${place.origin.path}:${place.origin.line})`;
  return `image ${place.platforms.join(', ')}${path}${origin}`;
}
