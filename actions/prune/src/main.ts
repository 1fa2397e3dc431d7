import path from 'node:path';
import { runAction } from '@plimsoll/core/github/action';
import { GitHubPackage } from '@plimsoll/core/github/packages';
import { repositoryLabel } from '@plimsoll/core/oci/reference';
import { resolveRetention } from '@plimsoll/core/policy/retention';
import { pruneSummary } from '@plimsoll/core/report/prune-summary';
import { stageLine } from '@plimsoll/core/report/stage-line';
import type { Log } from '@plimsoll/core/runtime/log';
import { prune } from '@plimsoll/core/stages/prune';
import { registryManifests } from '@plimsoll/core/stages/prune/registry-manifests';
import { INPUTS, type PruneContext, readPruneInputs } from './inputs.ts';

const MOST_WARNINGS = 9;

async function run(context: PruneContext): Promise<void> {
  const { github, log, clock, signal, outputs, summary } = context;
  const started = clock.now().getTime();
  const { repository, mode, plan: given, guards } = readPruneInputs(context);
  const { policy: file, label } = await context.policy();
  const policy = resolveRetention(file.retention, repository.repository);
  const [owner = '', ...name] = repository.repository.split('/');
  const versions = await GitHubPackage.open(context.api(), { owner, name: name.join('/') });
  const folder = path.join(github.tempDir, 'plimsoll-prune', ...name);
  const result = await prune(
    {
      package: repositoryLabel(repository),
      policy: { ...policy, guards: { ...policy.guards, ...guards } },
      mode,
      planFile: path.join(folder, 'plan.json'),
      journalFile: path.join(folder, 'journal.jsonl'),
      ...(given !== undefined && { given }),
    },
    { versions, manifests: registryManifests(context.registries(), repository), clock, log, signal },
  );
  warn(log, result.plan.notes);
  outputs.set('plan', result.planFile);
  outputs.set('planned', result.deletions.length);
  outputs.set('deleted', result.applied?.deleted.length ?? 0);
  outputs.set('kept', result.kept);
  outputs.set('reclaimed-bytes', result.reclaimedBytes);
  summary.append(pruneSummary(result, { policy: label }));
  const failure = result.applied?.failure ?? (mode === 'apply' ? result.guard : undefined);
  if (failure !== undefined) throw failure;
  if (result.guard !== undefined) log.warning(`${result.guard.message}. "mode: apply" would stop here.`);
  const { applied, deletions, kept } = result;
  const outcome = applied === undefined ? `plan: ${deletions.length} to delete` : `${applied.deleted.length} deleted`;
  log.info(stageLine('prune', `${outcome}, ${kept} kept`, clock.now().getTime() - started));
}

/** Each warning is an annotation, and the runner shows ten of a step. */
function warn(log: Log, notes: readonly string[]): void {
  for (const note of notes.slice(0, MOST_WARNINGS)) log.warning(note);
  for (const note of notes.slice(MOST_WARNINGS)) log.info(note);
}

await runAction({ action: 'prune', inputs: INPUTS, run });
