import type { Digest } from '../oci/digest.ts';
import { predicateName } from '../sigstore/predicates.ts';
import type { BundleReport } from '../stages/verify/report.ts';
import type { Arrow, Box, Diagram } from './diagram.ts';
import { short } from './promote-summary.ts';

export interface Evidence {
  readonly digest: Digest;
  readonly bundles: readonly BundleReport[];
}

/** What hangs on a digest and on its platforms: the same evidence about one thing is one box, with how often it is there. */
export function evidenceDiagram({ digest, bundles }: Evidence): Diagram {
  const boxes: Box[] = [{ lines: ['image', short(digest)], state: 'fact' }];
  const arrows: Arrow[] = [];
  const add = (box: Box, from: number) => arrows.push([from, boxes.push(box) - 1]);
  for (const [subject, about] of Map.groupBy(bundles, (bundle) => bundle.subject)) {
    if (subject !== digest) add({ lines: [about[0]?.subjectName ?? '', short(subject)], state: 'fact' }, 0);
    const at = subject === digest ? 0 : boxes.length - 1;
    for (const box of boxesOf(about)) add(box, at);
  }
  return { title: `Evidence of ${short(digest)}`, boxes, arrows };
}

function boxesOf(bundles: readonly BundleReport[]): readonly Box[] {
  const kinds = Map.groupBy(bundles, ({ accepted, refusal, predicateType = 'unknown' }) =>
    [predicateName(predicateType), accepted ? '' : `refused: ${refusal ?? 'unreadable'}`].join('\n').trim(),
  );
  return [...kinds].map(([name, same]) => {
    const [kind = '', ...why] = name.split('\n');
    const times = same.length === 1 ? '' : ` × ${same.length}`;
    return { lines: [`${kind}${times}`, ...why], state: same[0]?.accepted === true ? 'good' : 'bad' };
  });
}
