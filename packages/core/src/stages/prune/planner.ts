import type { ManifestBlob } from '../../oci/content.ts';
import type { Digest } from '../../oci/digest.ts';
import type { RetentionPolicy } from '../../policy/retention.ts';
import type { Ephemera } from '../../policy/ephemera.ts';
import { type Judgement, judgeVersions, type PackageVersion, type Surroundings } from '../../policy/retention-rules.ts';
import { type Clock, systemClock } from '../../runtime/clock.ts';
import { glance } from './glance.ts';
import { type Inventory, takeInventory } from './inventory.ts';
import { type Liveness, type LivenessInput, resolveLiveness } from './liveness.ts';
import { settleOrphans } from './orphans.ts';
import { applyPins, NO_PINS, type Pins } from './pins.ts';
import { buildPlan, type PlanBody } from './plan.ts';
import type { ManifestStore, VersionStore } from './ports.ts';
import { ManifestReader, type ManifestCache } from './reader.ts';
import { unlistedTags } from './unlisted-tags.ts';

export interface PlanRequest {
  /** `registry/owner/name`. */
  readonly package: string;
  readonly policy: RetentionPolicy;
  /** Asked only when the policy dooms something. */
  readonly pins?: (versions: readonly PackageVersion[]) => Promise<Pins>;
  readonly ephemera?: Ephemera;
  /** Of what evidence here is about and the package has not, what is certainly gone from where it was. */
  readonly absent?: (subjects: readonly Digest[]) => Promise<ReadonlySet<Digest>>;
}

export interface PrunePorts {
  readonly versions: VersionStore;
  readonly manifests: ManifestStore;
  readonly clock?: Clock;
  /** Manifests that earlier runs read. */
  readonly cache?: ManifestCache;
  /** The list that an earlier run had. */
  readonly earlier?: Inventory;
  readonly signal?: AbortSignal;
}

/** A plan with what was learnt on the way, so that applying it reads nothing twice. */
export interface Planned {
  readonly plan: PlanBody;
  readonly inventory: Inventory;
  /** By version id, the channel in which the version takes a place. */
  readonly homes: ReadonlyMap<number, string>;
  readonly liveness: Liveness;
  readonly reader: ManifestReader;
}

/**
 * Computes what may go: inventory, then policy, and manifests only where the policy dooms something. A glance at the
 * newest versions is enough to see that there is nothing to do; whatever is to go rests on a whole list.
 * @throws PlimsollError `inventory-incomplete`, `manifest-invalid`, and what the two planes throw
 */
export async function makePlan(request: PlanRequest, ports: PrunePorts): Promise<Planned> {
  const clock = ports.clock ?? systemClock;
  const cache = ports.cache ?? new Map<Digest, ManifestBlob>();
  ports.versions.useCache?.(cache);
  const planning = { ...ports, clock, cache };
  const glanced = ports.earlier && (await glance(ports.versions, ports.earlier, clock));
  const first = glanced && (await planOver(glanced, request, planning));
  if (first !== undefined && hasNothingToDo(first)) return first;
  const { signal } = ports;
  const inventory = await takeInventory(ports.versions, { clock, ...(signal && { signal }) });
  return planOver(inventory, request, { ...planning, reads: first?.reader.reads ?? 0 });
}

/** What is gone from the registry shows that the earlier list is not what it was. */
function hasNothingToDo({ plan, liveness }: Planned): boolean {
  return plan.delete.length === 0 && liveness.gone.size === 0;
}

interface Planning extends PrunePorts {
  readonly clock: Clock;
  readonly cache: ManifestCache;
  /** Manifests that were read before. */
  readonly reads?: number;
}

async function planOver(inventory: Inventory, request: PlanRequest, ports: Planning): Promise<Planned> {
  const now = ports.clock.now().getTime();
  const judge = (versions: readonly PackageVersion[]) =>
    judgeAll(versions, { now, ephemera: request.ephemera }, { request, store: ports.versions });
  const first = await judge(inventory.versions);
  const known = { inventory, versions: inventory.versions, judgement: first, extraRoots: new Map(), now };
  if (!dooms(first)) {
    const idle = await planFor(known, request, ports);
    // Evidence that is about nothing but evidence goes although no rule takes it, unless something else keeps it.
    if (idle.plan.delete.length === 0) return idle;
  }
  const seen = await unlistedTags(inventory.versions, ports.manifests);
  const related = await relatedTo(seen.versions, first, ports.versions);
  const versions = related.length === 0 ? seen.versions : [...seen.versions, ...related];
  const judged = versions === inventory.versions ? first : await judge(versions);
  const pins = request.pins === undefined ? NO_PINS : await request.pins(versions);
  const judgement = applyPins(versions, judged, pins);
  const extraRoots = new Map([...seen.extraRoots, ...unlistedPins(versions, pins, { request, ports })]);
  const whole = related.length === 0 ? inventory : { ...inventory, versions };
  return planFor({ inventory: whole, versions, judgement, extraRoots, now }, request, ports);
}

interface Judged {
  readonly inventory: Inventory;
  /** With the tags that only the registry told. */
  readonly versions: readonly PackageVersion[];
  readonly judgement: Judgement;
  readonly extraRoots: ReadonlyMap<Digest, string>;
  readonly now: number;
}

async function planFor(
  { inventory, versions, judgement, extraRoots, now }: Judged,
  request: PlanRequest,
  ports: Planning,
): Promise<Planned> {
  const { verdicts, homes } = judgement;
  const listed = byDigest(versions);
  const reader = new ManifestReader(ports, listed);
  const liveness = await runLiveness({ versions, listed, extraRoots, verdicts }, reader);
  const plan = buildPlan({
    package: request.package,
    policyDigest: request.policy.digest,
    inventoryDigest: inventory.digest,
    now,
    versions,
    verdicts,
    notes: [...judgement.notes, ...(ports.versions.notes ?? [])],
    liveness,
  });
  return { plan, inventory, homes, liveness, reader };
}

/** What hangs on that which may go, where the registry does not list it. */
async function relatedTo(
  versions: readonly PackageVersion[],
  { verdicts }: Judgement,
  store: VersionStore,
): Promise<readonly PackageVersion[]> {
  if (store.related === undefined) return [];
  const mayGo = versions.filter((version) => verdicts.get(version.id)?.is !== 'keep').map(({ digest }) => digest);
  const known = new Set(versions.map(({ digest }) => digest));
  return (await store.related(mayGo)).filter(({ digest }) => !known.has(digest));
}

/** Where not every version is listed, one that is pinned may be there all the same, and share parts with what may go. */
function unlistedPins(
  versions: readonly PackageVersion[],
  pins: Pins,
  { request, ports }: { readonly request: PlanRequest; readonly ports: PrunePorts },
): ReadonlyMap<Digest, string> {
  if (ports.versions.manners?.listsAll !== false) return new Map();
  const known = new Set(versions.map(({ digest }) => digest));
  const named = [
    ...request.policy.protectDigests.map((digest) => [digest, 'protect/digest'] as const),
    ...pins.digests,
  ];
  return new Map(named.filter(([digest]) => !known.has(digest)));
}

function dooms({ verdicts }: Judgement): boolean {
  for (const verdict of verdicts.values()) if (verdict.is === 'doom') return true;
  return false;
}

export function byDigest(versions: readonly PackageVersion[]): ReadonlyMap<Digest, PackageVersion> {
  const found = new Map<Digest, PackageVersion>();
  for (const version of versions) found.set(version.digest, version);
  return found;
}

interface JudgeContext {
  readonly request: PlanRequest;
  readonly store: VersionStore;
}

async function judgeAll(
  versions: readonly PackageVersion[],
  surroundings: Surroundings,
  { request: { policy, absent }, store }: JudgeContext,
): Promise<Judgement> {
  const judgement = judgeVersions(versions, policy, surroundings);
  const before = policy.untaggedAfter === undefined ? undefined : surroundings.now - policy.untaggedAfter;
  return { ...judgement, verdicts: await settleOrphans(versions, judgement.verdicts, { store, absent, before }) };
}

/** Answers what the fixpoint asks for. */
export async function runLiveness(input: LivenessInput, reader: Pick<ManifestReader, 'read'>): Promise<Liveness> {
  const steps = resolveLiveness(input);
  let step = steps.next();
  while (!step.done) step = steps.next(await reader.read(step.value));
  return step.value;
}
