import path from 'node:path';
import { runAction } from '@plimsoll/core/github/action';
import { toolPorts } from '@plimsoll/core/github/tool-ports';
import { hexOf } from '@plimsoll/core/oci/digest';
import { signSummary } from '@plimsoll/core/report/sign-summary';
import { stageLine } from '@plimsoll/core/report/stage-line';
import { type SignResult, signDigest } from '@plimsoll/core/stages/sign';
import { cosignAttest } from '@plimsoll/core/stages/sign/cosign';
import { trustOf } from '@plimsoll/core/stages/verify/trust';
import { INPUTS, readSignInputs, type SignContext } from './inputs.ts';
import { movePendingTags } from './pending-tags.ts';

async function run(context: SignContext): Promise<void> {
  const { github, log, clock, summary } = context;
  const started = clock.now().getTime();
  const { image, signingConfig, trustedRoot, moveTags, issuer, ...request } = readSignInputs(context);
  const cosign = toolPorts(context);
  const trust = trustOf(trustedRoot, cosign);
  const repository = context.registries().repository(image, 'push');
  const result = await signDigest(
    {
      ...request,
      sourceRepository: github.repository,
      serverUrl: github.serverUrl,
      bundleDirectory: path.join(github.tempDir, 'plimsoll-sign', hexOf(request.digest).slice(0, 12)),
    },
    {
      repository,
      identityToken: () => context.idToken('sigstore'),
      attest: cosignAttest(cosign, { signingConfig, trust }),
      trust,
      log,
      onKept: (directory) => context.outputs.set('bundles', directory),
    },
  );
  setOutputs(context, result);
  summary.append(signSummary(result));
  log.info(stageLine('sign', outcomeOf(result), clock.now().getTime() - started));
  if (moveTags && !request.dryRun)
    await movePendingTags({ digest: request.digest, issuer, repository, trust }, context);
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
