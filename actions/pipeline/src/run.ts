import { availableParallelism } from 'node:os';
import { dueTags } from '@plimsoll/core/stages/due-tags';
import { pipeline } from '@plimsoll/core/stages/pipeline';
import type { PipelineResult, RunPorts } from '@plimsoll/core/stages/pipeline/member';
import { moveTagsTogether } from '@plimsoll/core/stages/promote/move-tags';
import type { PipelineContext } from './inputs.ts';
import type { Member } from './job.ts';
import type { Run } from './prepare.ts';
import { tagAll } from './record.ts';
import { requestOf } from './request.ts';
import { openRunTools } from './run-tools.ts';
import { stagePorts } from './stages.ts';

/** Takes the images of a run along the path; each leaves its record, also when the run fails. */
export async function runPath({ given, members }: Run, context: PipelineContext): Promise<readonly PipelineResult[]> {
  const jobs = members.map(({ job }) => job);
  const tools = openRunTools(jobs, given, context);
  const images = members.map(({ job, context: own, record }) => ({
    name: job.name,
    needs: job.needs.map(({ member }) => member),
    request: requestOf(job),
    ports: record.watch(stagePorts(job, tools, own)),
  }));
  return pipeline(images, runPorts(members, context));
}

function runPorts(members: readonly Member[], { github, log }: PipelineContext): RunPorts {
  const note = { by: github.actor, run: github.runUrl };
  const byName = new Map(members.map((member) => [member.job.name, member]));
  return {
    tag: (images) => {
      const due = images.flatMap(({ name, digest, tags }) => {
        const member = byName.get(name);
        return member === undefined ? [] : [{ digest, tags, repository: member.job.repository, record: member.record }];
      });
      const write = async () => {
        const settled = due.map(async (each) => ({ ...each, tags: await dueTags(each.repository, each.tags, log) }));
        return moveTagsTogether(await Promise.all(settled), { note, log });
      };
      return tagAll(
        due.map(({ record }) => record),
        write,
      );
    },
    concurrency: availableParallelism(),
    log,
  };
}
