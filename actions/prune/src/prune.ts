import path from 'node:path';
import { commentOnPullRequest } from '@plimsoll/core/github/sticky-comment';
import { resolveRetention } from '@plimsoll/core/policy/retention';
import { buildCachesSummary } from '@plimsoll/core/report/build-caches-summary';
import { FIRST_RUN, pruneSummary } from '@plimsoll/core/report/prune-summary';
import { stageLine } from '@plimsoll/core/report/stage-line';
import type { Log } from '@plimsoll/core/runtime/log';
import { prune, type PruneRequest, type PruneResult } from '@plimsoll/core/stages/prune';
import { type BuildCaches, deleteBuildCaches, planBuildCaches } from '@plimsoll/core/stages/prune/build-caches';
import { explain, explanationLines } from '@plimsoll/core/report/prune-explain';
import type { PruneContext, PruneInputs } from './inputs.ts';
import { readEphemeraFor, readPins, readSubjects } from './in-use.ts';
import { manifestsPlace } from './manifest-cache.ts';
import type { PackagePlanes } from './package-planes.ts';

const MOST_WARNINGS = 9;

/** Plans, and with `mode: apply` deletes; reports first and throws then. */
export async function planOrApply(context: PruneContext, given: PruneInputs, planes: PackagePlanes): Promise<void> {
  const { log, clock, signal, summary } = context;
  const started = clock.now().getTime();
  const { policy: file, label } = await context.policy();
  const policy = resolveRetention(file.retention, given.repository.repository, given);
  const caches = given.cleanBuildCaches ? await planBuildCaches(context.api(), context.github.repository) : undefined;
  const ephemera = await readEphemeraFor(context, policy);
  const kept = manifestsPlace(context, given.manifestCache, planes.label);
  await kept?.keeper.fetch(kept.file);
  const absent = readSubjects(context, policy);
  const request: PruneRequest = {
    package: planes.label,
    ...(absent && { absent }),
    policy: { ...policy, guards: { ...policy.guards, ...given.guards } },
    pins: (versions) => readPins(context, policy, { planes, versions }),
    ...(ephemera !== undefined && { ephemera }),
    mode: given.mode === 'apply' ? 'apply' : 'plan',
    planFile: path.join(planes.folder, 'plan.json'),
    journalFile: path.join(planes.folder, 'journal.jsonl'),
    ...(kept && { manifestsFile: kept.file }),
    ...(given.plan !== undefined && { given: given.plan }),
  };
  const { versions, manifests } = planes;
  const keep = (place: string) => kept?.keeper.store(place) ?? Promise.resolve();
  const result = await prune(request, { versions, manifests, keep, clock, log, signal });
  warn(log, result.plan.notes);
  setOutputs(context, result, request);
  for (const one of given.explain) for (const line of explanationLines(one, explain(result.plan, one))) log.info(line);
  const cleaned = caches && (await cleanCaches(context, caches, result));
  const shown = pruneSummary(result, { policy: label, explain: given.explain });
  const text = cleaned === undefined ? shown : `${shown}\n\n${buildCachesSummary(cleaned)}`;
  summary.append(text);
  if (given.comment) await comment(context, planes.label, text);
  const failure = result.applied?.failure ?? (request.mode === 'apply' ? result.guard : undefined);
  if (failure !== undefined) throw failure;
  if (result.guard !== undefined) log.warning(`${result.guard.message}. "mode: apply" would stop here.`);
  if (result.applied !== undefined && result.budget.later > 0) log.warning(postponed(result));
  if (result.firstRun) log.warning(FIRST_RUN);
  log.info(stageLine('prune', outcome(result), clock.now().getTime() - started));
}

/** Nothing is deleted where the run stops at its plan. */
async function cleanCaches(
  { github, outputs, log, ...context }: PruneContext,
  caches: BuildCaches,
  { applied }: PruneResult,
): Promise<BuildCaches> {
  const acts = applied !== undefined && applied.failure === undefined;
  const { repository } = github;
  const cleaned = acts ? await deleteBuildCaches(caches, { api: context.api(), repository, log }) : caches;
  outputs.set('build-caches', cleaned.deleted ?? cleaned.planned.length);
  return cleaned;
}

/** One comment for each package; it says what the last run said. */
function comment({ github, log, secrets, ...context }: PruneContext, label: string, text: string): Promise<void> {
  const said = { marker: `prune ${label}`, markdown: secrets.redact(text) };
  return commentOnPullRequest(said, { github, api: context.api(), log });
}

function setOutputs({ outputs }: PruneContext, result: PruneResult, { journalFile }: PruneRequest): void {
  outputs.set('plan', result.planFile);
  if (result.applied !== undefined) outputs.set('journal', journalFile);
  outputs.set('planned', result.deletions.length);
  outputs.set('postponed', result.applied === undefined ? 0 : result.budget.later);
  outputs.set('deleted', result.applied?.deleted.length ?? 0);
  outputs.set('restored', result.applied?.restored.length ?? 0);
  outputs.set('kept', result.kept);
  outputs.set('reclaimed-bytes', result.reclaimedBytes);
}

function postponed({ budget }: PruneResult): string {
  const when = budget.resetAt === undefined ? '' : ` after ${new Date(budget.resetAt).toISOString().slice(11, 16)} UTC`;
  return `${budget.later} deletions are left for the next run${when}: the token's limit of requests an hour is used up`;
}

function outcome({ applied, deletions, kept }: PruneResult): string {
  const done = applied === undefined ? `plan: ${deletions.length} to delete` : `${applied.deleted.length} deleted`;
  return `${done}, ${kept} kept`;
}

/** Each warning is an annotation, and the runner shows ten of a step. */
function warn(log: Log, notes: readonly string[]): void {
  for (const note of notes.slice(0, MOST_WARNINGS)) log.warning(note);
  for (const note of notes.slice(MOST_WARNINGS)) log.info(note);
}
