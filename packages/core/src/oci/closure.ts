import type { Digest } from './digest.ts';

/** Everything that must stay when these stay. */
export function closureOf(start: Iterable<Digest>, needs: ReadonlyMap<Digest, readonly Digest[]>): Set<Digest> {
  const closure = new Set<Digest>(start);
  for (const digest of closure) for (const next of needs.get(digest) ?? []) closure.add(next);
  return closure;
}
