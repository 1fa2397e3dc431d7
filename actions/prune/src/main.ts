import { runAction } from '@plimsoll/core/github/action';
import { INPUTS, type PruneContext, readPruneInputs } from './inputs.ts';
import { openPackage } from './package-planes.ts';
import { planOrApply } from './prune.ts';
import { restore } from './restore.ts';

async function run(context: PruneContext): Promise<void> {
  const given = readPruneInputs(context);
  // A policy that cannot be used stops the run before GitHub is asked for anything.
  if (given.journal === undefined) await context.policy();
  const planes = await openPackage(context, given);
  if (given.journal === undefined) await planOrApply(context, given, planes);
  else await restore(context, planes, given.journal);
}

await runAction({ action: 'prune', inputs: INPUTS, run });
