import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { describeRun } from '@plimsoll/core/github/describe-run';
import type { FamilyBuild } from '@plimsoll/core/github/family-inputs';
import type { LoadedPolicy } from '@plimsoll/core/github/policy-file';
import { type RefStanding, refStanding } from '@plimsoll/core/github/ref-standing';
import { repositoryLabel } from '@plimsoll/core/oci/reference';
import { checkCompose } from '@plimsoll/core/stages/compose/compose-check';
import { namedLog } from '@plimsoll/core/runtime/named-log';
import { tellTestsElsewhere } from '@plimsoll/core/stages/smoke/smoke-run';
import { type PipelineContext, readBuilds, readRunInputs, refuseMissingEvidence, type RunInputs } from './inputs.ts';
import type { Job, Member } from './job.ts';
import { StageRecord } from './record.ts';

/** What a run works on. */
export interface Run {
  readonly given: RunInputs;
  /** What an image needs stands before it. */
  readonly members: readonly Member[];
}

/** Reads everything that can be wrong before it costs a build: inputs, policy, tags. */
export async function prepare(context: PipelineContext): Promise<Run> {
  const given = readRunInputs(context);
  const builds = await readBuilds(given, context);
  const policy = await context.policy();
  refuseMissingEvidence(given, policy.policy.verify.required);
  const shared = { given, policy, standing: await standingOf(given, context) };
  const members: Member[] = [];
  for (const build of builds) members.push(await memberOf(build, shared, context));
  return { given, members };
}

interface Shared {
  readonly given: RunInputs;
  readonly policy: LoadedPolicy;
  readonly standing: RefStanding;
}

async function memberOf({ name, needs, build }: FamilyBuild, shared: Shared, run: PipelineContext): Promise<Member> {
  const { given, policy, standing } = shared;
  const { context, outputs } = given.images === undefined ? ownOutputs(run) : await placeOf(name, run);
  const image = await describeRun({ build, rules: policy.policy.tags, standing }, context);
  await checkCompose(build, image, context);
  tellTestsElsewhere(build, context.log);
  const repository = context.registries().repository(build.image, given.push ? 'push' : 'pull');
  context.log.info(`${repositoryLabel(build.image)} ${image.tags.version}, policy from ${policy.label}`);
  const job: Job = { name, needs, given: { ...given, build }, image, policy, repository, standing };
  return { job, context, outputs, record: new StageRecord(build.smokeTests.length > 0, context) };
}

interface Place {
  readonly context: PipelineContext;
  readonly outputs: ReadonlyMap<string, string>;
}

/** One image of several: with a directory, a log, outputs and a summary of its own. */
async function placeOf(name: string, run: PipelineContext): Promise<Place> {
  const tempDir = path.join(run.github.tempDir, 'plimsoll-family', name);
  await mkdir(tempDir, { recursive: true });
  const outputs = new Map<string, string>();
  const context = {
    ...run,
    github: { ...run.github, tempDir },
    log: namedLog(name, run.log),
    outputs: { set: (output: string, value: string | number | boolean) => void outputs.set(output, String(value)) },
  };
  return { context, outputs };
}

/** The only image: what it says the run says. */
function ownOutputs(run: PipelineContext): Place {
  return { context: run, outputs: new Map() };
}

/** Nothing is asked where nothing leaves the job. */
async function standingOf(given: RunInputs, { api, github }: PipelineContext): Promise<RefStanding> {
  if (!given.push) return 'production';
  return refStanding(given.unprotectedRefs, { github, api: api(given.orgCheckToken) });
}
