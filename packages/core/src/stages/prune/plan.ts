import type { Digest } from '../../oci/digest.ts';
import type { PackageVersion, Verdict } from '../../policy/retention-rules.ts';
import type { Link, Liveness } from './liveness.ts';
import { dependants, inOrder } from './order.ts';
import { reclaimable } from './reclaim.ts';

/** One step of the path that keeps a version: how the digest is tied to the one before it. */
export interface PathStep {
  readonly digest: Digest;
  readonly as: Link['as'];
}

export interface PlannedDeletion {
  readonly id: number;
  readonly digest: Digest;
  readonly tags: readonly string[];
  readonly createdAt: string;
  readonly rule: string;
  /** Of the manifest and everything it names, shared or not. */
  readonly bytes: number;
  /** Planned deletions that must not happen if this one does not: its children and its evidence. */
  readonly needs: readonly Digest[];
}

export interface PlannedKeep {
  readonly id: number;
  readonly digest: Digest;
  readonly tags: readonly string[];
  readonly createdAt: string;
  /** The rule that keeps the first step of the path. */
  readonly rule: string;
  /** From the root to this version; one step for a root. */
  readonly path: readonly PathStep[];
}

export interface PlanBody {
  readonly version: 1;
  /** `registry/owner/name`. */
  readonly package: string;
  readonly createdAt: string;
  readonly policyDigest: Digest;
  readonly inventoryDigest: Digest;
  readonly totals: {
    readonly versions: number;
    readonly delete: number;
    readonly keep: number;
    readonly reclaimableBytes: number;
    /** False when kept manifests that were not read may share some of these bytes. */
    readonly bytesExact: boolean;
  };
  readonly notes: readonly string[];
  /** In the order in which they are to be deleted: nothing before what needs it. */
  readonly delete: readonly PlannedDeletion[];
  /** Made anew each time that it is walked: of a hundred thousand, nobody needs more than one at once. */
  readonly keep: Iterable<PlannedKeep>;
}

export interface PlanInput {
  readonly package: string;
  readonly now: number;
  readonly policyDigest: Digest;
  readonly inventoryDigest: Digest;
  readonly versions: readonly PackageVersion[];
  readonly verdicts: ReadonlyMap<number, Verdict>;
  readonly liveness: Liveness;
  readonly notes: readonly string[];
}

/** Puts the plan together; pure. What no rule keeps and nothing alive needs is in `delete`, and nothing else. */
export function buildPlan(input: PlanInput): PlanBody {
  const { liveness, verdicts } = input;
  const here = input.versions.filter((version) => !liveness.gone.has(version.digest));
  const doomed = here.filter((version) => !liveness.live.has(version.digest));
  const needs = dependants(doomed, liveness.nodes);
  const time = timeWriter();
  const deletions = inOrder(doomed, needs).map((version) => ({
    ...described(version, time),
    rule: verdicts.get(version.id)?.rule ?? 'unknown',
    bytes: sizeOf(version.digest, liveness),
    needs: needs.get(version.digest) ?? [],
  }));
  const { bytes, exact } = reclaimable(doomed, { nodes: liveness.nodes, survivors: liveness.live.keys() });
  return {
    version: 1,
    package: input.package,
    createdAt: new Date(input.now).toISOString(),
    policyDigest: input.policyDigest,
    inventoryDigest: input.inventoryDigest,
    totals: {
      versions: here.length,
      delete: deletions.length,
      keep: here.length - doomed.length,
      reclaimableBytes: bytes,
      bytesExact: exact,
    },
    notes: [...input.notes, ...brokenNotes(liveness)],
    delete: deletions,
    keep: { [Symbol.iterator]: () => keptBy(here, liveness.live) },
  };
}

type TimeWriter = (time: number) => string;

/** What was pushed together has the same time, and a hundred thousand dates take as long to write as all the rest. */
function timeWriter(): TimeWriter {
  let last = Number.NaN;
  let text = '';
  return (time) => {
    if (time !== last) text = new Date(time).toISOString();
    last = time;
    return text;
  };
}

function described({ id, digest, tags, createdAt }: PackageVersion, time: TimeWriter) {
  return { id, digest, tags, createdAt: time(createdAt) };
}

function* keptBy(versions: readonly PackageVersion[], live: Liveness['live']): Generator<PlannedKeep> {
  const time = timeWriter();
  for (const version of versions) if (live.has(version.digest)) yield keptVersion(version, live, time);
}

function keptVersion(version: PackageVersion, live: Liveness['live'], time: TimeWriter): PlannedKeep {
  const path: PathStep[] = [];
  let rule = 'unknown';
  for (let digest: Digest | undefined = version.digest; digest !== undefined; ) {
    const link = live.get(digest);
    if (link === undefined) break;
    path.push({ digest, as: link.as });
    if (link.as === 'root') rule = link.rule;
    digest = link.as === 'root' ? undefined : link.of;
  }
  return { ...described(version, time), rule, path: path.toReversed() };
}

function sizeOf(digest: Digest, { nodes }: Liveness): number {
  const node = nodes.get(digest);
  return node === undefined ? 0 : node.size + node.blobs.reduce((sum, blob) => sum + blob.size, 0);
}

function brokenNotes(liveness: Liveness): string[] {
  return [...liveness.missing].map(
    ([child, parent]) => `already broken: ${parent} names ${child}, which is not in the package`,
  );
}
