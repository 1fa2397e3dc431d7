import type { Digest } from '../../oci/digest.ts';
import { channelHistory, type ChannelHistory, moveOf } from '../../oci/promotion-history.ts';
import type { PromotionRecord, RecordedTarget } from '../../oci/promotion-record.ts';
import type { Repository } from '../../oci/registry/repository.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import { settled } from '../../runtime/settled.ts';

/** One image of those that go back together. */
interface Member {
  readonly repository: Repository;
  readonly history: ChannelHistory;
}

/**
 * What `previous` means for each image of a family, by the promotion records of a channel. A promotion that was killed
 * half-way is undone where it had come to; a rollback that was is completed, not repeated.
 *
 * What comes back is only proposed: whoever may push can forge a record, so each digest has to be verified.
 *
 * @returns a digest for each repository, in the order given
 * @throws PlimsollError `history-empty` when there is nothing to go back to, `history-unknown` when the records
 *   cannot be relied on, `registry-not-found` when there is no such channel, and what the registries throw
 */
export async function previousDigests(
  repositories: readonly Repository[],
  channel: string,
  log: Log,
): Promise<readonly Digest[]> {
  const histories = await settled(repositories.map((repository) => channelHistory(repository, channel)));
  const members = repositories.flatMap((repository, index) => {
    const history = histories[index];
    return history === undefined ? [] : [{ repository, history }];
  });
  for (const member of members) refuseAbsent(member);
  const begun = unfinished(members);
  if (begun === undefined) return members.map(previousOf);
  const what = begun.rollback === true ? 'Completing the rollback' : 'Undoing the promotion';
  log.notice(`${what} of ${channel} that ${begun.run ?? begun.by} began at ${begun.at} and did not finish`);
  return members.map((member) => settle(member, begun));
}

/** The digest that a channel had before, rollbacks taken back: going back twice goes back two steps. */
export function previousInHistory({ entries }: ChannelHistory): Digest | undefined {
  const standing: Digest[] = [];
  for (const { digest, found } of entries.toReversed()) {
    const at = found?.record.rollback === true ? standing.lastIndexOf(digest) : -1;
    if (at >= 0) standing.length = at + 1;
    else if (standing.at(-1) !== digest) standing.push(digest);
  }
  return standing.at(-2);
}

/** The newest promotion of the family of which a part has its tag and a part still has what it had before. */
function unfinished(members: readonly Member[]): PromotionRecord | undefined {
  const heads = members.flatMap(({ history }) => history.entries[0]?.found?.record ?? []);
  return heads
    .filter((record) => members.some((member) => isBehind(member, record)))
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))[0];
}

function isBehind({ repository, history: { entries, tag } }: Member, begun: PromotionRecord): boolean {
  const planned = targetOf(begun, repository);
  const [now] = entries;
  if (planned === undefined || now === undefined || now.digest === planned.digest) return false;
  if (moveOf(planned, tag)?.previous?.digest !== now.digest) return false;
  // What was moved since then on purpose is not half-way.
  return now.found === undefined || Date.parse(now.found.record.at) < Date.parse(begun.at);
}

function settle(member: Member, begun: PromotionRecord): Digest {
  const { repository, history } = member;
  const planned = targetOf(begun, repository);
  if (planned === undefined) return previousOf(member);
  if (begun.rollback === true) return planned.digest;
  return moveOf(planned, history.tag)?.previous?.digest ?? previousOf(member);
}

function targetOf({ family = [] }: PromotionRecord, { label }: Repository): RecordedTarget | undefined {
  return family.find(({ repository }) => repository === label);
}

function previousOf({ repository, history }: Member): Digest {
  const previous = previousInHistory(history);
  if (previous !== undefined) return previous;
  throw new PlimsollError(
    'history-empty',
    `Nothing is recorded of what ${repository.label}:${history.tag} was before`,
    {
      hint: 'Name the digest to go back to: "to: sha256:…".',
    },
  );
}

function refuseAbsent({ repository, history: { entries, tag } }: Member): void {
  if (entries.length > 0) return;
  throw new PlimsollError('registry-not-found', `${repository.label} has no channel ${tag}`, {
    hint: 'Check "channel"; only a channel that exists can go back.',
  });
}
