import { runAction } from '@plimsoll/core/github/action';
import { toolPorts } from '@plimsoll/core/github/tool-ports';
import type { Repository } from '@plimsoll/core/oci/registry/repository';
import { transferLine } from '@plimsoll/core/report/transfer-line';
import { Transfer } from '@plimsoll/core/runtime/progress';
import { promote } from '@plimsoll/core/stages/promote';
import { wantedTags } from '@plimsoll/core/stages/promote/wanted-tags';
import { verifyImage } from '@plimsoll/core/stages/verify';
import { verifyRules } from '@plimsoll/core/stages/verify/rules';
import { trustOf } from '@plimsoll/core/stages/verify/trust';
import { INPUTS, type PromoteContext, type PromoteInputs, readPromoteInputs } from './inputs.ts';
import { report } from './report.ts';

const PROGRESS_EVERY = 5000;

async function run(context: PromoteContext): Promise<void> {
  const { github, log, clock } = context;
  const started = clock.now().getTime();
  const given = readPromoteInputs(context);
  const { policy, label } = await context.policy();
  const rules = verifyRules({ policy: policy.verify, policyLabel: label, inputs: given.identity, github });
  const trust = trustOf(given.trustedRoot, toolPorts(context));
  const result = await promote(
    {
      reference: given.source.digest ?? given.source.tag ?? '',
      tags: wantedTags(given.tags, policy.tags, { ...github, now: clock.now() }),
      dryRun: given.dryRun,
    },
    {
      ...openEnds(given, context),
      verify: (repository, digest) => verifyImage({ digest, ...rules }, { repository, trust, clock }),
      progress: new Transfer({ clock, every: PROGRESS_EVERY, report: (state) => log.info(transferLine(state)) }),
      log,
    },
  );
  report({ result, given, milliseconds: clock.now().getTime() - started }, context);
}

/** One set of connections when both ends are the same registry and no login tells them apart. */
function openEnds({ source, destination, sourceLogin, destinationLogin }: PromoteInputs, context: PromoteContext) {
  const from = context.registries(sourceLogin);
  const apart = sourceLogin.length > 0 || destinationLogin.length > 0 || source.registry !== destination.registry;
  const to = apart ? context.registries(destinationLogin) : from;
  const ends: { source: Repository; destination: Repository; mountFrom?: string } = {
    source: from.repository(source),
    destination: to.repository(destination, 'push'),
  };
  return apart ? ends : { ...ends, mountFrom: source.repository };
}

await runAction({ action: 'promote', inputs: INPUTS, run });
