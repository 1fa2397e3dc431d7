import { runAction } from '@plimsoll/core/github/action';
import { signSummary } from '@plimsoll/core/report/sign-summary';
import { stageLine } from '@plimsoll/core/report/stage-line';
import { type SignResult, signDigest } from '@plimsoll/core/stages/sign';
import { allowanceOf } from '@plimsoll/core/stages/sign/allowance';
import { createSigning } from '@plimsoll/core/stages/sign/ports';
import { INPUTS, readSignInputs, type SignContext } from './inputs.ts';
import { movePendingTags, refuseOtherBuild } from './pending-tags.ts';

async function run(context: SignContext): Promise<void> {
  const { log, clock, summary } = context;
  const started = clock.now().getTime();
  const {
    image,
    signing: given,
    exceptions,
    moveTags,
    issuer,
    allowedIdentityRegex,
    ...request
  } = readSignInputs(context);
  const signing = createSigning(given, context);
  const repository = context.registries().repository(image, 'push');
  const ports = signing.ports(repository);
  const moves = moveTags !== 'false' && !request.dryRun;
  if (moves) await refuseOtherBuild({ digest: request.digest, repository, key: signing.key }, context);
  const result = await signDigest(
    { ...signing.request(request.digest), ...request },
    {
      ...ports,
      allow: allowanceOf(exceptions, context),
      onKept: (directory) => context.outputs.set('bundles', directory),
    },
  );
  setOutputs(context, result);
  summary.append(signSummary(result));
  log.info(stageLine('sign', outcomeOf(result), clock.now().getTime() - started));
  if (!moves) return;
  const pending = { digest: request.digest, required: moveTags === 'true', identity: { issuer, allowedIdentityRegex } };
  await movePendingTags({ ...given, ...signing, ...pending, repository }, context);
}

function setOutputs({ outputs }: SignContext, { signedDigests, identity, verifyCommands, bundles }: SignResult): void {
  outputs.set('signed-digests', signedDigests.join('\n'));
  outputs.set('identity', identity ?? '');
  outputs.set('verify-command', verifyCommands[0] ?? '');
  outputs.set('bundles', bundles ?? '');
}

function outcomeOf({ attestations, dryRun }: SignResult): string {
  const count = (...wanted: string[]) => attestations.filter(({ status }) => wanted.includes(status)).length;
  if (dryRun) return `plan: ${count('planned')} to sign, ${count('kept')} there already`;
  return `${count('made')} signed, ${count('kept', 'attached')} there already`;
}

await runAction({ action: 'sign', inputs: INPUTS, run });
