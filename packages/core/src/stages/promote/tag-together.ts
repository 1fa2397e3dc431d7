import type { CopyTarget } from '../../oci/content.ts';
import type { Digest } from '../../oci/digest.ts';
import { isFailure, PlimsollError } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import { assertTag, refuseTwoDigests, type TagMove, type TagPlan } from '../tags.ts';

/** The tags of one image that belongs to a family. */
export interface FamilyTags {
  readonly repository: CopyTarget;
  readonly plan: TagPlan;
}

interface Write {
  readonly repository: CopyTarget;
  readonly digest: Digest;
  readonly move: TagMove;
}

/**
 * Writes the planned tags of all images, the immutable ones of all first, and reads each back. When one cannot be
 * written, those that were are put back where they pointed to, but only while they still point to what was written
 * here; a tag that was new stays, since registries cannot take a tag away without its image, and is named.
 *
 * @throws PlimsollError `tag-taken` before anything is written when one tag is to lead to two images, and what the
 *   first failure was, with what became of the others
 */
export async function tagTogether(images: readonly FamilyTags[], log: Log): Promise<void> {
  refuseTwoDigests(images);
  const writes = images
    .flatMap(({ repository, plan: { digest, moves } }) => moves.map((move) => ({ repository, digest, move })))
    .filter(({ move }) => move.action !== 'keep')
    .toSorted((a, b) => rank(a.move) - rank(b.move));
  const begun: Write[] = [];
  try {
    for (const write of writes) {
      const { repository, digest, move } = write;
      const manifest = await repository.manifest(digest);
      // Also a write that seems to fail may have arrived.
      begun.push(write);
      await repository.putManifest(manifest, move.name);
      await assertTag(repository, move.name, digest);
    }
  } catch (error) {
    throw explain(error, await putBack(begun, log));
  }
}

type Ending = 'nothing' | 'back' | 'stays';

interface Undone {
  readonly write: Write;
  readonly ending: Ending;
}

async function putBack(begun: readonly Write[], log: Log): Promise<readonly Undone[]> {
  const undone: Undone[] = [];
  for (const write of begun.toReversed()) {
    const ending = await putOneBack(write).catch((error: unknown): Ending => {
      log.warning(`${nameOf(write)} could not be put back: ${error instanceof Error ? error.message : String(error)}`);
      return 'stays';
    });
    undone.push({ write, ending });
  }
  return undone;
}

async function putOneBack({ repository, digest, move }: Write): Promise<Ending> {
  const now = await repository.look(move.name);
  if (now?.digest !== digest) return 'nothing';
  if (move.before === undefined) return 'stays';
  await repository.putManifest(await repository.manifest(move.before), move.name);
  return 'back';
}

function explain(error: unknown, undone: readonly Undone[]): unknown {
  if (!isFailure(error)) return error;
  const list = (wanted: Ending) => undone.filter(({ ending }) => ending === wanted).map(({ write }) => nameOf(write));
  const [back, stays] = [list('back'), list('stays')];
  if (back.length + stays.length === 0) return error;
  const said = [
    ...(back.length === 0 ? [] : [`put back: ${back.join(', ')}`]),
    ...(stays.length === 0 ? [] : [`not put back: ${stays.join(', ')}`]),
  ];
  const { code, hint, place } = error;
  return new PlimsollError(code, `${error.message}; ${said.join('; ')}`, { hint, place, cause: error });
}

const nameOf = ({ repository, move }: Write): string => `${repository.label}:${move.name}`;
const rank = (move: TagMove): number => (move.class === 'immutable' ? 0 : 1);
