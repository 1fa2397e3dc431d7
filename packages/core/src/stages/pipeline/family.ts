import { isFailure, PlimsollError } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { Climbed } from './climb.ts';
import type { PipelineMember, PipelineResult } from './member.ts';

/** A member that passed, and what was made of it. */
interface Passed {
  readonly member: PipelineMember;
  readonly result: PipelineResult;
}

type Ends = ReadonlyMap<string, Climbed<PipelineResult>>;

/**
 * The gate: all images of a run, or none. Every failure is told, each with what was not built because of it, and the
 * first one is thrown.
 *
 * @throws what the first member that failed threw; of a family with the member's name before its message
 */
export function requireAll(members: readonly PipelineMember[], ends: Ends, log: Log): readonly Passed[] {
  const failed: unknown[] = [];
  for (const { name, ports } of members) {
    const end = ends.get(name);
    if (end?.state === 'blocked') ports.stopped?.(end.by);
    if (end?.state === 'failed')
      failed.push(members.length === 1 ? end.error : named(name, end.error, above(name, ends)));
  }
  const [first, ...others] = failed;
  for (const error of others) log.error(error instanceof Error ? error.message : String(error));
  if (failed.length > 0) throw first;
  return members.flatMap((member) => {
    const end = ends.get(member.name);
    return end?.state === 'done' ? [{ member, result: end.value }] : [];
  });
}

/** What was not built because of a failure. */
function above(name: string, ends: Ends): readonly string[] {
  return [...ends].flatMap(([other, end]) => (end.state === 'blocked' && end.by === name ? [other] : []));
}

function named(name: string, error: unknown, blocked: readonly string[]): unknown {
  if (!isFailure(error)) return error;
  const { code, message, hint, place, cause } = error;
  const notBuilt = blocked.length === 0 ? '' : `; not built because of it: ${blocked.join(', ')}`;
  return new PlimsollError(code, `${name}: ${message}${notBuilt}`, { hint, place, cause });
}

/**
 * Tags are written from the bottom up, so where a member has its commit's tag, all below it have theirs. If not, the
 * member was built on something else than what would be built below it now.
 *
 * @throws PlimsollError `tag-taken`
 */
export function refuseHalf(members: readonly PipelineMember[], found: ReadonlyMap<string, PipelineResult>): void {
  for (const { name, needs, request, ports } of members) {
    const missing = needs.find((need) => !found.has(need));
    if (!found.has(name) || missing === undefined) continue;
    const message = `${ports.repository.label}:${request.commitTag} exists, and "${missing}", which ${name} needs, does not`;
    throw new PlimsollError('tag-taken', message, {
      hint: 'Write "force-rebuild: true" to build the whole family of this commit once more.',
    });
  }
}
