import { mapConcurrently } from '../runtime/concurrent.ts';
import { settled } from '../runtime/settled.ts';
import type { RuledTag } from '../metadata/highest.ts';
import { earlierImage } from './earlier-image.ts';
import { climb } from './pipeline/climb.ts';
import { refuseHalf, requireAll } from './pipeline/family.ts';
import type { PipelineMember, PipelineRequest, PipelineResult, RunPorts } from './pipeline/member.ts';
import { requirePassOf } from './scan/exit.ts';
import { requireSmoke } from './smoke/judgement.ts';
import { refuseTakenTags } from './tags.ts';

/** A member and how far it has come. */
interface Under {
  readonly member: PipelineMember;
  readonly result: PipelineResult;
}

/**
 * build → scan and smoke test → publish → sign → verify → tag, each on one digest per image. An image is built when
 * those that it needs have passed both, from exactly those digests. Nothing is uploaded unless all images of the run
 * passed, and no tag is written, not even an immutable one, before there is a signature to find behind every one of
 * them.
 *
 * @param members - all images of the run, one or a family; what a member needs stands before it
 * @returns in the order of the members
 * @throws PlimsollError what the stages throw; `oidc-unavailable` and `tag-taken` before anything is built
 */
export async function pipeline(members: readonly PipelineMember[], run: RunPorts): Promise<readonly PipelineResult[]> {
  const earlier = await publishedBefore(members, run);
  const due = members.filter(({ name }) => !earlier.has(name));
  await mapConcurrently(due, run.concurrency, refuseHopeless);
  const made = await climb(members, run.concurrency, (member, below: ReadonlyMap<string, PipelineResult>) => {
    const before = earlier.get(member.name);
    return before === undefined ? make(member, below) : Promise.resolve(before);
  });
  const passed = requireAll(members, made, run.log);
  return release(passed, run);
}

/** What earlier runs finished of this commit, each verified. */
async function publishedBefore(
  members: readonly PipelineMember[],
  { concurrency }: RunPorts,
): Promise<ReadonlyMap<string, PipelineResult>> {
  const found = new Map<string, PipelineResult>();
  await mapConcurrently(members, concurrency, async ({ name, request, ports }) => {
    if (!request.push || request.unsignedTags) return;
    const earlier = await earlierImage(request.commitTag, ports);
    if (earlier !== undefined) found.set(name, { name, ...earlier, resumed: true, tags: [] });
  });
  refuseHalf(members, found);
  return found;
}

/** What cannot be signed later must not be uploaded first. */
async function refuseHopeless({ request, ports }: PipelineMember): Promise<void> {
  if (request.push && request.sign) ports.requireIdentity();
  if (request.push) await refuseTakenTags(ports.repository, request.tags);
}

async function make(
  { name, needs, ports }: PipelineMember,
  below: ReadonlyMap<string, PipelineResult>,
): Promise<PipelineResult> {
  const bases = needs.flatMap((need) => below.get(need) ?? []);
  const built = await ports.build(bases);
  // Both are told, also when one of them stops the run.
  const [scanned, smoked] = await settled([ports.scan(built), ports.smoke(built)]);
  // What leaves the job is decided here, whoever bound the stages.
  requirePassOf(built.digest, scanned.report);
  if (smoked.length > 0) requireSmoke(smoked);
  return { name, digest: built.digest, resumed: false, built, scanned, tags: [] };
}

/** Everything after all scans have passed. */
async function release(passed: readonly Under[], run: RunPorts): Promise<readonly PipelineResult[]> {
  if (passed.every(({ member }) => !member.request.push)) return passed.map(({ result }) => result);
  const each = (stage: (under: Under) => Promise<Under>) => (all: readonly Under[]) =>
    mapConcurrently(all, run.concurrency, stage);
  const published = await each(publishOne)(passed);
  const proved = await each(proveOne)(published);
  return tagAll(proved, run);
}

async function publishOne({ member, result }: Under): Promise<Under> {
  const { request, ports } = member;
  const { built, scanned } = result;
  const isHere = built !== undefined && scanned !== undefined;
  const published = isHere ? await ports.publish(built, scanned) : undefined;
  // An intent counts only in the run that left it.
  if (request.leaveMovingTags) await ports.leaveIntent(result.digest);
  return { member, result: published === undefined ? result : { ...result, published } };
}

async function proveOne({ member, result }: Under): Promise<Under> {
  const { request, ports } = member;
  const { digest, scanned } = result;
  if (scanned === undefined || !request.sign || request.unsignedTags) return { member, result };
  const signed = await ports.sign(digest, scanned);
  return { member, result: { ...result, signed, verified: await ports.verify(digest) } };
}

async function tagAll(proved: readonly Under[], run: RunPorts): Promise<readonly PipelineResult[]> {
  const due = proved.filter(({ member, result }) => mayHaveTags(member.request, result));
  if (due.length === 0) return proved.map(({ result }) => result);
  const moves = await run.tag(
    due.map(({ member, result: { digest } }) => ({ name: member.name, digest, tags: dueNow(member.request) })),
  );
  const byName = new Map(due.map(({ member }, index) => [member.name, moves[index] ?? []]));
  return proved.map(({ member, result }) => ({ ...result, tags: byName.get(member.name) ?? [] }));
}

/** An image without proof has tags only where they promise none. */
function mayHaveTags({ unsignedTags }: PipelineRequest, { verified }: PipelineResult): boolean {
  return unsignedTags || verified !== undefined;
}

function dueNow({ tags, unsignedTags, leaveMovingTags }: PipelineRequest): readonly RuledTag[] {
  if (unsignedTags) return tags;
  return leaveMovingTags ? tags.filter((tag) => tag.class === 'immutable') : tags;
}
