import path from 'node:path';
import type { toolPorts } from '@plimsoll/core/github/tool-ports';
import { cosignAttest } from '@plimsoll/core/stages/sign/cosign';
import { decideLog } from '@plimsoll/core/stages/sign/transparency';
import type { SummarySigner } from '@plimsoll/core/stages/promote/summarise';
import { summarySigner } from '@plimsoll/core/stages/promote/summary-signer';
import type { VerifyRules } from '@plimsoll/core/stages/verify/rules';
import type { trustOf } from '@plimsoll/core/stages/verify/trust';
import type { PromoteContext, PromoteInputs } from './inputs.ts';

interface SignerParts {
  readonly rules: VerifyRules;
  readonly trust: ReturnType<typeof trustOf>;
  readonly cosign: ReturnType<typeof toolPorts>;
}

/** The identity of this run, asked for before anything is done; none unless something is to be signed. */
export async function openSigner(
  { vsa, channelMap, dryRun, signingConfig }: PromoteInputs,
  context: PromoteContext,
  { rules, trust, cosign }: SignerParts,
): Promise<SummarySigner | undefined> {
  if ((!vsa && channelMap === undefined) || dryRun) return undefined;
  const { label, digest, isDefault } = await context.policy();
  const { serverUrl, tempDir, event } = context.github;
  const identityToken = await context.idToken('sigstore');
  return summarySigner({
    identityToken,
    serverUrl,
    identity: rules.identity,
    policy: { label: isDefault ? 'urn:plimsoll:defaults' : `${serverUrl}/${label}`, digest },
    attest: cosignAttest(cosign, { signingConfig, trust }),
    log: decideLog('auto', event, identityToken).log,
    trust,
    directory: path.join(tempDir, 'plimsoll-promote'),
  });
}
