import path from 'node:path';
import { runAction } from '@plimsoll/core/github/action';
import { announceArtifact } from '@plimsoll/core/github/artifacts';
import { describeRun } from '@plimsoll/core/github/describe-run';
import { toolPorts } from '@plimsoll/core/github/tool-ports';
import { repositoryLabel } from '@plimsoll/core/oci/reference';
import type { Repository } from '@plimsoll/core/oci/registry/repository';
import { buildSummary } from '@plimsoll/core/report/build-summary';
import { bytes } from '@plimsoll/core/report/bytes';
import { stageLine } from '@plimsoll/core/report/stage-line';
import { type BuildResult, build } from '@plimsoll/core/stages/build';
import { plannedDockerfile } from '@plimsoll/core/stages/build/dockerfile';
import { dueTags } from '@plimsoll/core/stages/due-tags';
import { publish } from '@plimsoll/core/stages/publish';
import { buildLayout } from '@plimsoll/core/tools/buildx';
import { type BuildActionInputs, type BuildContext, INPUTS, readBuildActionInputs } from './inputs.ts';
import { report, type Summary } from './report.ts';

async function run(context: BuildContext): Promise<void> {
  const { github, log, clock, outputs } = context;
  const given = readBuildActionInputs(context);
  // Read before anything is built: a login that cannot be used must not cost a build first.
  const registries = context.registries();
  const { policy } = await context.policy();
  const image = await describeRun(given.build, policy.tags, context);
  const { version, commit: commitTag } = image.tags;
  const repository = registries.repository(given.build.image, given.push ? 'push' : 'pull');
  const tags = given.dryRun ? image.tags.tags : await dueTags(repository, image.tags.tags, log);
  const summary = { image: repositoryLabel(given.build.image), version, tags };
  outputs.set('tags', tags.map(({ name }) => name).join('\n'));
  if (given.dryRun) return plan(given, summary, context);
  const { labels, annotations, createdAt } = image;
  const request = { ...given.build, commitTag, labels, annotations, createdAt, limits: policy.limits };
  const ports = toolPorts(context);
  const buildPorts = { buildLayout: (task: Parameters<typeof buildLayout>[0]) => buildLayout(task, ports), log, clock };
  const built = await build({ ...request, tempDir: github.tempDir, workspace: github.workspace }, buildPorts);
  log.info(stageLine('build', `${built.platforms.length} × platform, ${built.digest}`, built.milliseconds));
  if (given.push) await upload(built, repository, context);
  report({ built, summary, pushed: given.push }, context);
}

/** Everything that can be said without a builder. */
async function plan({ build: { context: from, file } }: BuildActionInputs, summary: Summary, context: BuildContext) {
  const dockerfile = await plannedDockerfile(from, file, context.log);
  const relative = path.relative(context.github.workspace, dockerfile);
  const nothing = { platforms: [], pushed: false, milliseconds: 0 };
  context.outputs.set('pushed', false);
  context.summary.append(buildSummary({ ...summary, ...nothing, file: relative }));
  context.log.info(`Would build ${dockerfile} as ${summary.tags.map(({ name }) => name).join(', ')}`);
}

async function upload({ layout, digest }: BuildResult, repository: Repository, { clock, env, log }: BuildContext) {
  const started = clock.now().getTime();
  const { bytesMoved } = await publish({ layout, repository });
  announceArtifact(env, repository.label, digest);
  const outcome = `${bytes(bytesMoved)} to ${repository.label}, no tag`;
  log.info(stageLine('publish', outcome, clock.now().getTime() - started));
}

await runAction({ action: 'build', inputs: INPUTS, run });
