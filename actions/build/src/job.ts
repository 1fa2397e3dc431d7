import { describeRun } from '@plimsoll/core/github/describe-run';
import type { LoadedPolicy } from '@plimsoll/core/github/policy-file';
import { commitTakenOver } from '@plimsoll/core/github/image-description';
import { releaseVersion } from '@plimsoll/core/github/release-version';
import type { ImageDescription } from '@plimsoll/core/metadata/image-plan';
import type { ImageTag } from '@plimsoll/core/metadata/tags';
import type { Repository } from '@plimsoll/core/oci/registry/repository';
import { checkCompose } from '@plimsoll/core/stages/compose/compose-check';
import { findComposeFiles } from '@plimsoll/core/stages/compose/compose-files';
import { dueTags } from '@plimsoll/core/stages/due-tags';
import { askedEarly, type EarlierPlace } from '@plimsoll/core/stages/earlier-image';
import { tellTestsElsewhere } from '@plimsoll/core/stages/smoke/smoke-run';
import { type BuildActionInputs, type BuildContext, readBuildActionInputs } from './inputs.ts';

/** What one run of the action works on. */
export interface Job {
  readonly given: BuildActionInputs;
  readonly policy: LoadedPolicy;
  readonly image: ImageDescription;
  /** Those of the image that are due now: none that a higher version holds back, if the registry was asked. */
  readonly tags: readonly ImageTag[];
  readonly repository: Repository;
  /** The same, where somebody has asked already for the image of the commit. */
  readonly earlier: EarlierPlace;
}

/** Reads everything that can be wrong before it costs a build: inputs, login, policy, tags. */
export async function prepare(context: BuildContext): Promise<Job> {
  const given = readBuildActionInputs(context);
  const version = await releaseVersion(context);
  if (version !== undefined) context.outputs.set('next-version', version);
  const repository = context.registries().repository(given.build.image, given.push ? 'push' : 'pull');
  const commit = isBuilt(given) ? commitTakenOver(given.build.metadata, context.github) : undefined;
  const earlier = commit === undefined ? repository : askedEarly(repository, commit);
  const policy = await context.policy();
  const image = await describeRun({ build: given.build, rules: policy.policy.tags, standing: 'production' }, context);
  const found = await findComposeFiles(context.github.workspace, given.build.context);
  context.outputs.set('compose-files', JSON.stringify(found));
  await checkCompose(given.build, image, context);
  tellTestsElsewhere(given.build, context.log);
  const { tags: wanted } = image.tags;
  const tags =
    given.build.mode === 'shard' ? [] : given.dryRun ? wanted : await dueTags(repository, wanted, context.log);
  context.outputs.set('tags', tags.map(({ name }) => name).join('\n'));
  return { given, policy, image, tags, repository, earlier };
}

/** Whether the registry will be asked, whatever the policy says. */
function isBuilt({ push, dryRun, build: { ifMissing } }: BuildActionInputs): boolean {
  return push && !dryRun && ifMissing === 'error';
}
