import type { PromoteResult } from '../stages/promote.ts';
import type { TagMove } from '../stages/tags.ts';
import { bytes } from './bytes.ts';
import { code, sections, table } from './markdown.ts';
import { shellBlock } from './shell-block.ts';

/** What the summary names beside the result. */
export interface PromoteNames {
  readonly source: string;
  readonly destination: string;
  /** Commands for consumers of the destination. */
  readonly commands: readonly string[];
}

/** The job summary of a promotion: what moved, the proof that it is the same, and where the tags point. */
export function promoteSummary(result: PromoteResult, names: PromoteNames): string {
  const { digest } = result.plan.root;
  const done = result.copied !== undefined;
  return sections(
    `## ${done ? 'Promoted' : 'Promotion plan'}: ${code(names.source)} → ${code(names.destination)}`,
    code(digest),
    proofTable(result, names),
    '### Tags',
    tagTable(result.moved ?? result.plan.tags.moves),
    done ? sections('### Check it yourself', shellBlock(names.commands)) : undefined,
  );
}

/** One row per tag: what it pointed to before, and what happened or would happen. */
export function tagTable(moves: readonly TagMove[]): string {
  const columns = ['Tag', 'Kind', 'Before', ''];
  return table(
    columns,
    moves.map((move) => [code(move.name), move.class, move.before ? code(short(move.before)) : '–', move.action]),
  );
}

function proofTable({ plan, copied, atDestination }: PromoteResult, names: PromoteNames): string {
  const moved = copied?.bytesMoved ?? plan.copy.bytesToMove;
  const rows = [
    ['Verified at the source', code(names.source), 'yes'],
    ['Manifests, with all evidence', String(plan.copy.manifests.length), copied ? 'copied' : 'to copy'],
    ['Bytes', bytes(moved), `${bytes(plan.copy.bytesPresent)} were there already`],
    ...(copied ? [['Digest at the destination', code(short(copied.digest)), 'equal']] : []),
    ...(atDestination ? [['Verified at the destination', code(names.destination), 'yes']] : []),
  ];
  return table(['Proof', '', ''], rows);
}

/** `sha256:` and twelve digits: enough for a person to compare. */
export function short(digest: string): string {
  return digest.slice(0, digest.indexOf(':') + 13);
}
