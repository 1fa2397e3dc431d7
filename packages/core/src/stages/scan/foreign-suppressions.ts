import { type ForeignSuppressions, readTrivyIgnore } from './trivy-ignore.ts';
import { readVex } from './vex.ts';
import type { VexImage } from './vex-scope.ts';

/** A file of the default branch, as it was read. */
export interface RuleFile {
  readonly path: string;
  readonly text: string;
}

/** Files beside the policy that suppress findings. They come from the default branch, as the policy does. */
export interface RuleFiles {
  readonly trivyIgnore?: RuleFile | undefined;
  readonly vex: readonly RuleFile[];
}

/** @throws PlimsollError `policy-invalid` */
export function foreignSuppressions({ trivyIgnore, vex }: RuleFiles, image: VexImage): ForeignSuppressions {
  const read = [
    ...(trivyIgnore === undefined ? [] : [readTrivyIgnore(trivyIgnore.text, trivyIgnore.path, image)]),
    ...vex.map(({ path, text }) => readVex(text, path, image)),
  ];
  return {
    suppressions: read.flatMap(({ suppressions }) => suppressions),
    affected: read.flatMap(({ affected }) => affected),
    notes: read.flatMap(({ notes }) => notes),
  };
}
