import path from 'node:path';
import { stageLine } from '@plimsoll/core/report/stage-line';
import { undoSummary } from '@plimsoll/core/report/undo-summary';
import { fileJournal, readJournal } from '@plimsoll/core/stages/prune/journal';
import { undoFailure, undoRun } from '@plimsoll/core/stages/prune/undo-run';
import type { PruneContext } from './inputs.ts';
import type { PackagePlanes } from './package-planes.ts';

/** Undoes the run whose journal is given. @throws PlimsollError `prune-damage` when GitHub did not bring all of it back */
export async function restore(context: PruneContext, planes: PackagePlanes, given: string): Promise<void> {
  const { clock, log, signal, outputs, summary } = context;
  const started = clock.now().getTime();
  const items = await readJournal(given, planes.label);
  const file = path.join(planes.folder, 'restore.jsonl');
  const journal = fileJournal(file, { package: planes.label, now: () => clock.now() });
  const { versions, manifests } = planes;
  const run = await undoRun(items, { versions, manifests, journal, clock, log, signal });
  outputs.set('journal', file);
  outputs.set('restored', run.restored.length);
  summary.append(undoSummary(run, planes.label));
  for (const tag of run.moved) log.warning(`The tag ${tag} points elsewhere by now and was left alone`);
  const failure = undoFailure(run);
  if (failure !== undefined) throw failure;
  log.info(stageLine('prune', `${run.restored.length} restored`, clock.now().getTime() - started));
}
