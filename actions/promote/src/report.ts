import { repositoryLabel } from '@plimsoll/core/oci/reference';
import { bytes } from '@plimsoll/core/report/bytes';
import { promoteSummary } from '@plimsoll/core/report/promote-summary';
import { stageLine } from '@plimsoll/core/report/stage-line';
import { consumerCommands } from '@plimsoll/core/report/verify-summary';
import type { PromoteResult } from '@plimsoll/core/stages/promote';
import type { PromoteContext, PromoteInputs } from './inputs.ts';

interface Done {
  readonly result: PromoteResult;
  readonly given: PromoteInputs;
  readonly milliseconds: number;
}

/** Writes the outputs, the summary and the line of a promotion. */
export function report({ result, given, milliseconds }: Done, { outputs, summary, log }: PromoteContext): void {
  const { plan, copied, moved, atDestination } = result;
  const destination = repositoryLabel(given.destination);
  const tags = plan.tags.moves.map(({ name }) => name);
  outputs.set('digest', plan.root.digest);
  outputs.set('image', `${destination}@${plan.root.digest}`);
  const [first] = tags;
  outputs.set('dest-image-full', `${destination}${first === undefined ? '' : `:${first}`}@${plan.root.digest}`);
  outputs.set('tags', moved === undefined ? '' : tags.join('\n'));
  const commands = atDestination === undefined ? [] : consumerCommands(atDestination, given.trustedRoot);
  summary.append(promoteSummary(result, { source: repositoryLabel(given.source), destination, commands }));
  const outcome = copied
    ? `${copied.manifests} manifests, ${bytes(copied.bytesMoved)}, tags ${tags.join(', ')}`
    : `plan: ${plan.copy.manifests.length} manifests, ${bytes(plan.copy.bytesToMove)} to move, tags ${tags.join(', ')}`;
  log.info(stageLine('promote', outcome, milliseconds));
}
