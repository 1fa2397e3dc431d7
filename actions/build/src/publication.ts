import { announceArtifact } from '@plimsoll/core/github/artifacts';
import { runIntent } from '@plimsoll/core/github/run-intent';
import { toolPorts } from '@plimsoll/core/github/tool-ports';
import { attachmentDigest } from '@plimsoll/core/oci/attached-content';
import type { Digest } from '@plimsoll/core/oci/digest';
import type { StageTime } from '@plimsoll/core/report/build-summary';
import { bytes } from '@plimsoll/core/report/bytes';
import { stageLine } from '@plimsoll/core/report/stage-line';
import type { BuiltImage } from '@plimsoll/core/stages/build';
import { type EarlierImage, earlierImage } from '@plimsoll/core/stages/earlier-image';
import { intentReferrer } from '@plimsoll/core/stages/intent';
import { transferLog } from '@plimsoll/core/report/transfer-log';
import type { Surroundings } from '@plimsoll/core/stages/build/surroundings';
import { publish } from '@plimsoll/core/stages/publish';
import { refuseTakenTags, writeTags } from '@plimsoll/core/stages/tags';
import { verifyImage } from '@plimsoll/core/stages/verify';
import { commitRules } from '@plimsoll/core/stages/verify/commit-rules';
import { trustOf } from '@plimsoll/core/stages/verify/trust';
import type { BuildContext } from './inputs.ts';
import type { Job } from './job.ts';

/** What an earlier run made of this commit, proved by its evidence; nothing where the image does not leave this job. */
export async function publishedBefore(job: Job, context: BuildContext): Promise<EarlierImage | undefined> {
  const { given, image, policy, repository, earlier } = job;
  if (!given.push) return undefined;
  const { github, idToken, log } = context;
  const trust = trustOf(given.trustedRoot, toolPorts(context));
  return earlierImage(image.tags.commit, {
    repository: earlier,
    log,
    verify: async (digest) => {
      const { sha: commit } = given.build.metadata;
      const sources = { policy: policy.policy.verify, policyLabel: policy.label, issuer: given.issuer, commit };
      return verifyImage({ digest, ...(await commitRules({ ...sources, github, idToken })) }, { repository, trust });
    },
  });
}

/**
 * Before anything is built. The commit's own tag has been looked at already.
 * @throws PlimsollError `tag-taken`
 */
export async function refuseForeseeable({ given, image, tags, repository }: Job, context: BuildContext): Promise<void> {
  if (!given.push) return;
  tellOtherCommit(given, context);
  const others = tags.filter(({ name }) => name !== image.tags.commit);
  await refuseTakenTags(repository, others);
}

/** Whether a certificate will sign or a key is for another job to know. */
function tellOtherCommit({ build, tagNow }: Job['given'], { github, log }: BuildContext): void {
  const { sha = github.sha } = build.metadata;
  if (tagNow || sha === github.sha) return;
  log.warning(
    `What is built of ${sha} can be signed with a key alone in this run: a certificate names its commit, ${github.sha} (docs/tags.md)`,
  );
}

/** Uploads by digest, and leaves word there of the tags that are due, for the job that has proof. */
export async function upload(
  job: Job,
  { content, digest, statements }: BuiltImage,
  { around: { sizes, published }, context }: { readonly around: Surroundings; readonly context: BuildContext },
): Promise<readonly StageTime[]> {
  const { given, image, repository } = job;
  const { clock, env, github, log } = context;
  const started = clock.now().getTime();
  // A shard is a part, and nobody's image.
  const whole = given.build.mode !== 'shard';
  const intent = { subject: content.root, referrer: intentReferrer(runIntent(given.build, image.tags.tags, github)) };
  const attachments = whole && !given.tagNow ? [...statements, intent] : statements;
  // People pull another one, or nothing yet.
  const isNew = sizes === undefined ? published?.length === 0 : sizes.digest !== digest;
  const ends = { content, repository, attachments, isNew };
  const { bytesMoved } = await publish({ ...ends, progress: transferLog({ clock, log }) });
  context.outputs.set('statements', statements.map(attachmentDigest).join('\n'));
  if (whole) announceArtifact(env, repository.label, digest);
  const tags = whole && given.tagNow ? await tagUnproved(job, digest) : 'no tag';
  const milliseconds = clock.now().getTime() - started;
  log.info(stageLine('publish', `${bytes(bytesMoved)} to ${repository.label}, ${tags}`, milliseconds));
  return [['publish', milliseconds]];
}

/** Never the commit's own tag: a later run takes over what that names, and wants the evidence behind it. */
export async function tagUnproved({ tags, image, repository }: Job, digest: Digest): Promise<string> {
  const moves = await writeTags(
    repository,
    digest,
    tags.filter(({ name }) => name !== image.tags.commit),
  );
  return moves.map(({ name }) => name).join(', ');
}
