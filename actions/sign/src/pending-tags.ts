import { ownRuns } from '@plimsoll/core/github/run-identity';
import type { Repository } from '@plimsoll/core/oci/registry/repository';
import { tagTable } from '@plimsoll/core/report/promote-summary';
import { readIntent } from '@plimsoll/core/stages/intent';
import { moveIntendedTags } from '@plimsoll/core/stages/intended-tags';
import { verifyImage } from '@plimsoll/core/stages/verify';
import { commitRules } from '@plimsoll/core/stages/verify/commit-rules';
import type { Trust } from '@plimsoll/core/sigstore/trusted-root';
import type { SignPorts } from '@plimsoll/core/stages/sign';
import { refuseOtherCommit } from '@plimsoll/core/stages/sign/own-commit';
import type { LogMode } from '@plimsoll/core/stages/sign/transparency';
import type { SignContext, SignInputs } from './inputs.ts';

interface Signed extends Pick<SignInputs, 'digest'> {
  /** Whether a build must have left tags. */
  readonly required: boolean;
  readonly identity: Pick<SignInputs, 'issuer' | 'allowedIdentityRegex'>;
  readonly transparencyLog: LogMode;
  readonly key: SignPorts['key'];
  readonly repository: Repository;
  readonly trust: () => Promise<Trust>;
}

/**
 * To be asked before anything is signed: tags of another commit's image could not be moved by what this run signs.
 * @throws PlimsollError `input-conflict`, and what the registry throws
 */
export async function refuseOtherBuild(
  { digest, repository, key }: Pick<Signed, 'digest' | 'repository' | 'key'>,
  { github }: SignContext,
): Promise<void> {
  // A key says nothing of commits.
  if (key !== undefined) return;
  const intent = await readIntent(repository, digest, ownRuns(github));
  if (intent !== undefined) refuseOtherCommit(intent.commit, github);
}

/** Verifies what was signed as anybody else would, and writes the tags that the build of this run left pending. */
export async function movePendingTags(signed: Signed, context: SignContext): Promise<void> {
  const { github, idToken, log, outputs, summary } = context;
  const { digest, required, identity, repository, trust, transparencyLog, key } = signed;
  const { policy, label } = await context.policy();
  const sources = { policy: policy.verify, policyLabel: label, ...identity, github, idToken, transparencyLog, key };
  const rules = await commitRules(sources);
  for (const warning of rules.warnings) log.warning(warning);
  const { moves } = await moveIntendedTags(
    { digest, runs: ownRuns(github), required, rules: policy.tags },
    {
      repository,
      log,
      note: { by: github.actor, run: github.runUrl },
      verify: async () => verifyImage({ digest, ...rules }, { repository, trust }),
    },
  );
  outputs.set('tags', moves.map(({ name }) => name).join('\n'));
  if (moves.length === 0) return log.info(`${repository.label}@${digest} is verified; no tag was pending`);
  summary.append(`### Tags\n\n${tagTable(moves)}`);
  log.info(`${repository.label}: ${moves.map(({ name, action }) => `${action} ${name}`).join(', ')}`);
}
