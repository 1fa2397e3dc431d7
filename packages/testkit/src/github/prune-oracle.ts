import type { Digest } from '@plimsoll/core/oci/digest';
import { resolveRetention } from '@plimsoll/core/policy/retention';
import { judgeVersions } from '@plimsoll/core/policy/retention-rules';
import { retentionSection } from '@plimsoll/core/policy/retention-section';
import * as v from 'valibot';
import { fallbackTag } from './image-shapes.ts';
import type { PackageState } from './package-state.ts';
import type { PruneScene } from './prune-scene.ts';

/** What must survive and what must go, worked out the slow way: everything read, every edge followed until nothing changes. */
export interface Verdicts {
  readonly live: ReadonlySet<string>;
  readonly doomed: ReadonlySet<string>;
}

/**
 * The specification as a program without any shortcut; it shares the policy's rules with the planner, and nothing else.
 * Evidence about nothing in the package is kept, unless its subject was deleted from it, and so is what is about a missing
 * part of something alive: what is broken already may be mended.
 */
export function verdictsOf({ state, retention, clock, pins, ephemera }: PruneScene): Verdicts {
  const policy = resolveRetention(v.parse(retentionSection, retention), 'acme/app');
  const versions = state.list().map((one) => ({ ...one, digest: one.digest as Digest, tags: [...one.tags] }));
  const { verdicts } = judgeVersions(versions, policy, { now: clock.time, ephemera });
  const subjects = evidenceSubjects(state);
  const known = new Set(versions.map((one) => one.digest as string));
  const deleted = new Set(state.deleted().map((one) => one.digest));
  const live = new Set<string>();
  for (const one of versions) {
    const verdict = verdicts.get(one.id);
    const about = subjects.get(one.digest) ?? [];
    const orphan = verdict?.is === 'follow' && !about.some((subject) => known.has(subject));
    const subjectWasHere = about.every((subject) => deleted.has(subject));
    const pinned = pins.digests.has(one.digest) || one.tags.some((tag) => pins.tags.has(tag));
    if (pinned || verdict?.is === 'keep' || (orphan && !subjectWasHere)) live.add(one.digest);
  }
  while (grow(state, live, subjects) > 0);
  for (const digest of live) if (!known.has(digest)) live.delete(digest);
  return { live, doomed: new Set([...known].filter((digest) => !live.has(digest))) };
}

/** One pass over every version; the number of those that came alive. */
function grow(state: PackageState, live: Set<string>, subjects: ReadonlyMap<string, readonly string[]>): number {
  const before = live.size;
  for (const { digest } of state.list()) {
    const content = JSON.parse(state.manifests.get(digest)?.bytes.toString() ?? '{}') as {
      subject?: { digest: string };
    };
    const about = [...(subjects.get(digest) ?? []), ...(content.subject ? [content.subject.digest] : [])];
    if (about.some((subject) => live.has(subject))) live.add(digest);
    if (live.has(digest)) for (const child of state.childrenOf(digest)) live.add(child);
  }
  return live.size - before;
}

/** By digest, what its evidence tags are about. */
function evidenceSubjects(state: PackageState): Map<string, string[]> {
  const every = [...state.versions.values()].map((one) => one.digest);
  const byTag = new Map(every.map((digest) => [fallbackTag(digest), digest]));
  return new Map(
    state.list().map(({ digest, tags }) => {
      const bases = [...tags].map((tag) => tag.split('.')[0] ?? '').filter((tag) => /^sha256-[0-9a-f]{64}$/.test(tag));
      return [digest, bases.map((tag) => byTag.get(tag) ?? tag)];
    }),
  );
}
