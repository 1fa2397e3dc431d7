import { type Clock, systemClock } from '../runtime/clock.ts';
import { isFailure, PlimsollError } from '../runtime/errors.ts';
import { type Log, silentLog } from '../runtime/log.ts';
import { type Applied, applyDeletions } from './prune/apply.ts';
import { acceptPlan } from './prune/drift.ts';
import { guardFailure } from './prune/guards.ts';
import { fileJournal, type Journal } from './prune/journal.ts';
import { hasRecord, writeRecord } from './prune/record.ts';
import type { PlannedDeletion } from './prune/plan.ts';
import { type PrunePlan, readPlan, writePlan } from './prune/plan-file.ts';
import { ManifestFile } from './prune/manifest-file.ts';
import { type Budget, budgetFor } from './prune/quota.ts';
import { earlierList, remember } from './prune/memory.ts';
import { makePlan, type Planned, type PlanRequest, type PrunePorts } from './prune/planner.ts';
import { reclaimable } from './prune/reclaim.ts';

export interface PruneRequest extends PlanRequest {
  readonly mode: 'plan' | 'apply';
  /** A plan made earlier, to apply exactly that. */
  readonly given?: string;
  /** Where the plan is written when none is given. */
  readonly planFile: string;
  /** Where each deletion is written down as it happens. */
  readonly journalFile: string;
  /** Where manifests are kept for later runs. */
  readonly manifestsFile?: string;
}

export interface PruneStagePorts extends PrunePorts {
  readonly log?: Log;
  readonly journal?: Journal;
  /** Told of the file of manifests once this run has read some of them. */
  readonly keep?: (manifestsFile: string) => Promise<void>;
}

export interface PruneResult {
  readonly plan: PrunePlan;
  readonly planFile: string;
  /** What this run may delete: the plan, or the part of a given plan that is left. */
  readonly deletions: readonly PlannedDeletion[];
  /** The plan is larger than the guards allow; with `mode: apply` nothing was deleted. */
  readonly guard?: PlimsollError;
  /** With `mode: apply`: no plan of this package was shown before, so this one was shown and nothing was deleted. */
  readonly firstRun: boolean;
  /** How much of it this run may do, and how long the whole takes. */
  readonly budget: Budget;
  /** Only with `mode: apply`. */
  readonly applied?: Applied;
  /** Versions when the run began. */
  readonly versions: number;
  /** Versions that are left; with `mode: plan`, that would be. */
  readonly kept: number;
  /** What the deleted versions alone held, or would free; at most, unless the plan says that it is exact. */
  readonly reclaimedBytes: number;
  /** Manifests that the registry sent, each a download in its statistics. */
  readonly manifestReads: number;
}

/**
 * Plans, and with `mode: apply` deletes. A failure half way is in `applied.failure`, so that what was
 * done can be reported before it is thrown.
 * @throws PlimsollError `input-invalid`, `file-unreadable`, `inventory-incomplete`, `prune-drift`, and what the two planes throw
 */
export async function prune(request: PruneRequest, ports: PruneStagePorts): Promise<PruneResult> {
  if (request.manifestsFile === undefined) return pruneWith(undefined, request, ports);
  using cache = new ManifestFile(request.manifestsFile, ports.log ?? silentLog);
  return await pruneWith(cache, request, ports);
}

async function pruneWith(
  cache: ManifestFile | undefined,
  request: PruneRequest,
  ports: PruneStagePorts,
): Promise<PruneResult> {
  const { clock = systemClock, log = silentLog } = ports;
  const given = request.given === undefined ? undefined : await readPlan(request.given, request.package);
  // Whether a plan still fits, only the whole list can tell.
  const earlier = given === undefined ? earlierList(cache, request.package) : undefined;
  const known = { ...ports, ...(cache && { cache }), ...(earlier && { earlier }) };
  const planned = await log.group('Plan', () => makePlan(request, known));
  const planFile = request.given ?? request.planFile;
  const plan = given ?? (await writePlan(planFile, planned.plan));
  const reads = manifestReads(planned, ports);
  const { totals } = planned.plan;
  log.info(`${totals.versions} versions, ${totals.delete} to delete, ${reads} manifests read`);
  const deletions = given === undefined ? planned.plan.delete : acceptPlan(given, planned);
  const guard = guardFailure({ ...planned, deletions, versions: planned.inventory.versions }, request.policy);
  const firstRun = given === undefined && isFirst(request, planned);
  const stopped = request.mode === 'plan' || guard !== undefined || firstRun;
  const budget = budgetFor(deletions.length, ports.versions.quota?.());
  const now = stopped ? [] : deletions.slice(0, budget.now);
  // Before anything is deleted: what was read is not read again even when what follows is killed.
  const isNew = cache && remember(cache, { planned, earlier, leaving: now, reads, store: ports.versions });
  if (isNew) await ports.keep?.(request.manifestsFile ?? '');
  const applied = stopped ? undefined : await apply(now, planned, { ...ports, clock, log, request });
  if (firstRun) await recordFirstRun(ports.manifests);
  const deleted = applied?.deleted ?? (request.mode === 'plan' ? deletions : []);
  return {
    plan,
    planFile,
    deletions,
    ...(guard && { guard }),
    firstRun,
    budget,
    ...(applied && { applied }),
    versions: totals.versions,
    kept: totals.versions - deleted.length - (applied?.gone.length ?? 0),
    reclaimedBytes: reclaimedBytes(deleted, planned),
    manifestReads: manifestReads(planned, ports),
  };
}

/** No plan of the package was shown before, and this one would delete something. */
function isFirst({ mode }: PruneRequest, { plan, inventory }: Planned): boolean {
  return mode === 'apply' && plan.delete.length > 0 && !hasRecord(inventory.versions);
}

function manifestReads({ reader }: Planned, { versions }: PrunePorts): number {
  return reader.reads + (versions.reads ?? 0);
}

interface ApplyContext extends PruneStagePorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly request: PruneRequest;
}

function apply(
  deletions: readonly PlannedDeletion[],
  planned: Planned,
  { request, ...ports }: ApplyContext,
): Promise<Applied> {
  const journal =
    ports.journal ?? fileJournal(request.journalFile, { package: request.package, now: () => ports.clock.now() });
  return ports.log.group('Apply', () => applyDeletions(deletions, planned, { ...ports, journal }));
}

/** Without the record every run would be the first. */
async function recordFirstRun(manifests: PrunePorts['manifests']): Promise<void> {
  try {
    await writeRecord(manifests);
  } catch (cause) {
    if (!isFailure(cause, 'registry-denied', 'registry-unauthorized', 'registry-rejected')) throw cause;
    const message = 'This is the first run on the package, and that its plan was shown cannot be written down there';
    throw new PlimsollError(cause.code, message, {
      hint: 'Nothing was deleted. Read the plan and apply it with "plan:", or give a token that may push (on GitHub "permissions: packages: write").',
      cause,
    });
  }
}

/** Of these only: what was spared still holds its blobs. */
function reclaimedBytes(items: readonly PlannedDeletion[], { plan, liveness }: Planned): number {
  if (items.length === plan.delete.length) return plan.totals.reclaimableBytes;
  const removed = new Set(items.map((item) => item.digest));
  const spared = plan.delete.filter((item) => !removed.has(item.digest)).map((item) => item.digest);
  const survivors = [...liveness.live.keys(), ...spared];
  return reclaimable(items, { nodes: liveness.nodes, survivors }).bytes;
}
