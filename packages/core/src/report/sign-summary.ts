import type { SignedAttestation, SignResult } from '../stages/sign/result.ts';
import { code, escape, sections, table } from './markdown.ts';
import { shellBlock } from './shell-block.ts';

const STATUS: Readonly<Record<SignedAttestation['status'], string>> = {
  made: 'signed and attached',
  kept: 'was there already',
  attached: 'was made before, attached now',
  planned: 'would be signed',
};

/** The job summary of a signing: by whom, what, and the commands with which a consumer checks it. */
export function signSummary(result: SignResult): string {
  const { dryRun, identity, issuer, attestations, verifyCommands } = result;
  return sections(
    `## ${dryRun ? 'Signing plan' : 'Signed'}`,
    code(`${result.repository}@${result.digest}`),
    identity && `By ${code(identity)}, a workflow identity confirmed by ${code(issuer ?? '')}.`,
    table(
      ['What', 'About', ''],
      attestations.map(({ name, about, status }) => [code(name), escape(about), STATUS[status]]),
    ),
    verifyCommands.length > 0 ? sections('### Check it yourself', shellBlock(verifyCommands)) : undefined,
  );
}
