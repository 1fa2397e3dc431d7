import type { ClassedTag } from '../policy/tags.ts';
import type { Comparison } from '../stages/promote/compare.ts';
import type { LegResult } from '../stages/promote/leg.ts';
import type { Openness } from '../stages/promote/openness.ts';
import type { TagMove } from '../stages/tags.ts';
import { bytes } from './bytes.ts';
import { contentsTable } from './contents-table.ts';
import { code, escape, sections, table } from './markdown.ts';
import { shellBlock } from './shell-block.ts';
import { seconds } from './stage-line.ts';

/** What the summary tells beside the results. */
export interface PromoteFacts {
  readonly milliseconds: number;
  /** Of a rollback or a release by hand. */
  readonly reason?: string | undefined;
  readonly rollback: boolean;
  /** Commands for consumers of one destination. */
  readonly commands: (leg: LegResult) => readonly string[];
  /** Who can see the images, in the order of the results. */
  readonly opened: readonly (Openness | undefined)[];
  /** What is different from before, in that order too. */
  readonly compared: readonly (Comparison | undefined)[];
}

/** The job summary of a promotion: for each image what moved, the proof that it is the same, and where the tags point. */
export function promoteSummary(results: readonly LegResult[], facts: PromoteFacts): string {
  return sections(
    facts.reason === undefined ? undefined : `Reason: ${escape(facts.reason)}`,
    ...results.map((result, index) => imageSummary(result, facts, index)),
    `Took ${seconds(facts.milliseconds)}.`,
  );
}

function imageSummary(result: LegResult, facts: PromoteFacts, index: number): string {
  const comparison = facts.compared[index];
  const { leg, plan, moved, failure } = result;
  const names = `${code(leg.source.label)} → ${code(leg.destination.label)}`;
  return sections(
    `## ${titleOf(result, facts)}: ${names}`,
    code(plan.root.digest),
    failure === undefined
      ? undefined
      : `**${escape(failure instanceof Error ? failure.message : 'an unexpected failure')}**`,
    proofTable(result, facts.opened[index] ?? {}),
    '### Tags',
    tagTable(moved ?? plan.tags.moves, { failed: failure !== undefined }),
    comparison === undefined ? undefined : contentsTable(comparison),
    moved === undefined ? undefined : sections('### Check it yourself', shellBlock(checks(result, facts))),
  );
}

function titleOf({ moved, failure }: LegResult, { rollback }: PromoteFacts): string {
  if (failure !== undefined) return '❌ Not promoted';
  if (moved === undefined) return rollback ? 'Rollback plan' : 'Promotion plan';
  return rollback ? 'Rolled back' : 'Promoted';
}

/** What a consumer types: to get exactly this image, and to check it. */
function checks(result: LegResult, { commands }: PromoteFacts): readonly string[] {
  return [`docker pull ${result.leg.destination.label}@${result.plan.root.digest}`, ...commands(result)];
}

interface TagFacts {
  /** Whether what had to be done was not. */
  readonly failed?: boolean;
  /** Tags that are still to be written. */
  readonly pending?: readonly ClassedTag[];
}

/** One row per tag: what it pointed to before, and what happened or would happen. */
export function tagTable(moves: readonly TagMove[], { failed = false, pending = [] }: TagFacts = {}): string {
  const done = moves.map((move) => [
    code(move.name),
    move.class,
    move.before ? code(short(move.before)) : '–',
    failed && move.action !== 'keep' ? `not done: ${move.action}` : move.action,
  ]);
  const due = pending.map((tag) => [code(tag.name), tag.class, '–', 'pending']);
  return table(['Tag', 'Kind', 'Before', ''], [...done, ...due]);
}

function proofTable(result: LegResult, opened: Openness): string {
  const { leg, plan, copied, moved, atSource, atDestination } = result;
  const evidence = [...plan.copy.graph.nodes.values()].flatMap(({ referrers }) => referrers).length;
  const bytesMoved = copied?.bytesMoved ?? plan.copy.bytesToMove;
  const planned = moved === undefined;
  const rows = [
    ['Verified at the source', code(leg.source.label), atSource === undefined ? '⚠️ no' : 'yes'],
    ['Manifests, with all evidence', String(plan.copy.manifests.length), planned ? 'to be there' : 'there'],
    ['Signatures, attestations and other referrers', String(evidence), planned ? 'to carry over' : 'carried over'],
    ['Blobs', String(plan.copy.blobs.length), planned ? 'to move' : 'moved'],
    ['Bytes', bytes(bytesMoved), `${bytes(plan.copy.bytesPresent)} were there already`],
    ...(copied ? [['Digest at the destination', code(short(copied.digest)), 'equal']] : []),
    ...(moved
      ? [['Verified at the destination', code(leg.destination.label), atDestination === undefined ? '⚠️ no' : 'yes']]
      : []),
    ...opennessRows(opened),
  ];
  return table(['Proof', '', ''], rows);
}

const HOW = { found: 'as wanted', set: 'set', differs: '⚠️ not as wanted' } as const;

function opennessRows({ visibility, pulled }: Openness): string[][] {
  return [
    ...(visibility === undefined ? [] : [['Visibility', visibility.is, HOW[visibility.how]]]),
    ...(pulled === undefined ? [] : [['Pulled without a login', '', pulled ? 'yes' : '❌ no']]),
  ];
}

/** `sha256:` and twelve digits: enough for a person to compare. */
export function short(digest: string): string {
  return digest.slice(0, digest.indexOf(':') + 13);
}
