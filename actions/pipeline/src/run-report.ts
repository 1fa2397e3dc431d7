import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { familyPage, familySummary, type MemberSummary } from '@plimsoll/core/report/family-summary';
import { mapConcurrently } from '@plimsoll/core/runtime/concurrent';
import { pipelinePage, pipelineSummary } from '@plimsoll/core/report/pipeline-summary';
import type { Surroundings } from '@plimsoll/core/stages/build/surroundings';
import type { PipelineResult } from '@plimsoll/core/stages/pipeline/member';
import { setFamilyOutputs } from './family-outputs.ts';
import type { PipelineContext } from './inputs.ts';
import type { Run } from './prepare.ts';
import { announcePlan, reportImage } from './report.ts';

/** How a run ended. */
export interface Ending {
  /** Of each image; empty when a stage failed. */
  readonly results: readonly PipelineResult[];
  /** What there was of each before. */
  readonly around: readonly Surroundings[];
}

/** Writes outputs and summary of all images of a run; one that failed has both too, as far as it got. */
export async function reportRun(
  { given, members }: Run,
  { results, around }: Ending,
  context: PipelineContext,
): Promise<void> {
  const summaries = await mapConcurrently(
    members,
    1,
    async ({ job, record, context: own }, index): Promise<MemberSummary> => {
      const finished = { job, record, around: around[index] ?? {}, result: results[index] };
      const needs = job.needs.map(({ member }) => member);
      return { name: job.name, needs, stoppedBy: record.stoppedBy, run: await reportImage(finished, own) };
    },
  );
  const [only] = summaries;
  if (only === undefined) return;
  const isFamily = given.images !== undefined;
  if (isFamily) setFamilyOutputs(members, context);
  context.summary.append(isFamily ? familySummary(summaries) : pipelineSummary(only.run));
  if (given.page) writePage(isFamily ? familyPage(summaries) : pipelinePage(only.run), context);
}

/** The plan of a dry run: nothing is built, read from a registry or written. */
export async function announceRun({ given, members }: Run, context: PipelineContext): Promise<void> {
  for (const { job, context: own } of members) await announcePlan(job, own);
  if (given.images !== undefined) setFamilyOutputs(members, context);
}

/** At once, like the summary: a run that failed ends here. */
function writePage(html: string, { github, outputs }: PipelineContext): void {
  const file = path.join(github.tempDir, 'plimsoll-report.html');
  writeFileSync(file, html);
  outputs.set('report-html', file);
}
