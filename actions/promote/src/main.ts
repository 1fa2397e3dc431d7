import { runAction } from '@plimsoll/core/github/action';
import { toolPorts } from '@plimsoll/core/github/tool-ports';
import { transferLog } from '@plimsoll/core/report/transfer-log';
import { keepFootprintSmall } from '@plimsoll/core/runtime/small-footprint';
import { promote } from '@plimsoll/core/stages/promote';
import { ContentsReader } from '@plimsoll/core/stages/promote/compare';
import { expectVersion } from '@plimsoll/core/stages/promote/expect-version';
import { lenientJudge } from '@plimsoll/core/stages/promote/judge';
import { inspectImage } from '@plimsoll/core/stages/verify';
import { verifyRules } from '@plimsoll/core/stages/verify/rules';
import { trustOf } from '@plimsoll/core/stages/verify/trust';
import { explainAbsence } from './absence.ts';
import { releasedVersion } from './goal.ts';
import { INPUTS, type PromoteContext, readPromoteInputs } from './inputs.ts';
import { openLegs } from './legs.ts';
import { publishMap } from './map.ts';
import { noteOf } from './note.ts';
import { openResults, refuseStrayToken } from './opened.ts';
import { report } from './report.ts';
import { openSigner } from './signer.ts';
import { tagsOf } from './wanted.ts';

async function run(context: PromoteContext): Promise<void> {
  const { github, log, clock } = context;
  const started = clock.now().getTime();
  const given = readPromoteInputs(context);
  refuseStrayToken(given, context);
  await expectVersion({ places: given.expectVersion, version: releasedVersion(given), workspace: github.workspace });
  const { policy, label } = await context.policy();
  const rules = verifyRules({ policy: policy.verify, policyLabel: label, inputs: given.identity, github });
  for (const warning of rules.warnings) log.warning(warning);
  const cosign = toolPorts(context);
  const trust = trustOf(given.trustedRoot, cosign);
  const reader = new ContentsReader((repository, digest) =>
    inspectImage({ digest, ...rules }, { repository, trust, clock }),
  );
  const legs = await openLegs(given, context);
  const tags = await tagsOf(given.goal, { rules: policy.tags, legs }, context);
  const signer = await openSigner(given, context, { rules, trust, cosign });
  const results = await promote(
    { legs, tags, dryRun: given.dryRun, note: noteOf(given, context) },
    {
      judge: lenientJudge(given.leniency, { verify: (...image) => reader.verify(...image), log }),
      progress: transferLog({ clock, log }),
      log,
      clock,
      explainAbsence: explainAbsence(context),
      ...(signer && given.vsa && { signer }),
    },
  );
  const [opened, compared] = await Promise.all([
    openResults(results, given, context),
    Promise.all(results.map((result) => reader.compare(result))),
  ]);
  report({ results, opened, compared, given, milliseconds: clock.now().getTime() - started }, context);
  await publishMap(results, given, { context, signer });
}

keepFootprintSmall();
await runAction({ action: 'promote', inputs: INPUTS, run });
