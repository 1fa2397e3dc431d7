import path from 'node:path';
import { stageLine } from '@plimsoll/core/report/stage-line';
import { mergeRequest, mergeShards } from '@plimsoll/core/stages/merge';
import type { BuildContext } from './inputs.ts';
import type { Job } from './job.ts';
import type { Made } from './made.ts';

/** One image of what other jobs pushed. */
export async function merge({ given, image, repository: source }: Job, context: BuildContext): Promise<Made> {
  const { github, log, clock, signal } = context;
  const started = clock.now().getTime();
  const sbomDirectory = path.join(github.tempDir, 'plimsoll-merge', 'sboms');
  const request = mergeRequest(given.build, { image, commit: given.build.metadata.sha ?? github.sha, sbomDirectory });
  const merged = await mergeShards(request, { source, clock, signal });
  const milliseconds = clock.now().getTime() - started;
  log.info(stageLine('merge', `${request.shards.length} shards, ${merged.digest}`, milliseconds));
  return { built: merged, took: [['merge', milliseconds]] };
}
