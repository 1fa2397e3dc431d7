import { announceArtifact } from '@plimsoll/core/github/artifacts';
import { bytes } from '@plimsoll/core/report/bytes';
import { planLines } from '@plimsoll/core/report/promote-plan';
import { promoteSummary } from '@plimsoll/core/report/promote-summary';
import { stageLine } from '@plimsoll/core/report/stage-line';
import { consumerCommands } from '@plimsoll/core/report/consumer-checks';
import { isFailure, PlimsollError } from '@plimsoll/core/runtime/errors';
import type { Comparison } from '@plimsoll/core/stages/promote/compare';
import type { LegResult } from '@plimsoll/core/stages/promote/leg';
import type { Openness } from '@plimsoll/core/stages/promote/openness';
import type { PromoteContext, PromoteInputs } from './inputs.ts';

interface Done {
  readonly results: readonly LegResult[];
  /** In the order of the results. */
  readonly opened: readonly (Openness | undefined)[];
  readonly compared: readonly (Comparison | undefined)[];
  readonly given: PromoteInputs;
  readonly milliseconds: number;
}

/**
 * Writes the outputs, the summary and the line of a promotion.
 * @throws the first failure when there was one, after everything else was reported
 */
export function report(
  { results, opened, compared, given, milliseconds }: Done,
  { outputs, summary, log, env }: PromoteContext,
): void {
  const [first] = results;
  if (first === undefined) return;
  const done = results.filter(({ moved }) => moved !== undefined);
  const [digest, tags] = [first.plan.root.digest, first.plan.tags.moves.map(({ name }) => name)];
  outputs.set('digest', digest);
  outputs.set('image', imageOf(first));
  outputs.set(
    'dest-image-full',
    `${first.leg.destination.label}${tags[0] === undefined ? '' : `:${tags[0]}`}@${digest}`,
  );
  outputs.set('images', (given.dryRun ? results : done).map(imageOf).join('\n'));
  outputs.set('tags', first.moved === undefined ? '' : tags.join('\n'));
  const commands = ({ atDestination }: LegResult) =>
    atDestination === undefined ? [] : consumerCommands(atDestination, given.trustedRoot);
  const rollback = given.goal.kind === 'rollback';
  summary.append(promoteSummary(results, { milliseconds, reason: given.reason, rollback, commands, opened, compared }));
  for (const { leg, plan } of done) announceArtifact(env, leg.destination.label, plan.root.digest);
  if (given.dryRun) for (const result of results) for (const line of planLines(result)) log.info(line);
  throwFailure(results);
  const closed = opened.find((each) => each?.failure !== undefined)?.failure;
  if (closed !== undefined) throw closed;
  for (const result of results) log.info(stageLine(rollback ? 'rollback' : 'promote', outcomeOf(result), milliseconds));
}

const imageOf = ({ leg, plan }: LegResult): string => `${leg.destination.label}@${plan.root.digest}`;

function outcomeOf({ plan, copied, leg }: LegResult): string {
  const tags = plan.tags.moves.map(({ name, before }) => `${name}${before ? ` (was ${before.slice(0, 19)}…)` : ''}`);
  const what = `${leg.destination.label}@${plan.root.digest.slice(0, 19)}…`;
  return copied
    ? `${what}, ${copied.manifests} manifests, ${bytes(copied.bytesMoved)}, tags ${tags.join(', ')}`
    : `plan: ${what}, ${plan.copy.manifests.length} manifests, ${bytes(plan.copy.bytesToMove)} to move, tags ${tags.join(', ')}`;
}

/** One that failed fails the step; which of the others are done is said with it. */
function throwFailure(results: readonly LegResult[]): void {
  const [failed] = results.filter(({ failure }) => failure !== undefined);
  if (failed === undefined) return;
  const { failure } = failed;
  const done = results.filter(({ moved }) => moved !== undefined).map(({ leg }) => leg.destination.label);
  if (!isFailure(failure) || done.length === 0) throw failure;
  const { code, message, hint, place } = failure;
  throw new PlimsollError(code, `${message}; done: ${done.join(', ')}`, { hint, place, cause: failure });
}
