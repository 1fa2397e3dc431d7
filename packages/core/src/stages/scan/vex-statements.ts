import type { Suppression } from '../../policy/suppression.ts';
import type { ForeignSuppressions } from './trivy-ignore.ts';
import type { VexProduct } from './vex-scope.ts';

/** One statement of any kind of VEX document, about one product. */
export interface VexStatement {
  /** Every name of the advisory; the first is shown. */
  readonly ids: readonly string[];
  readonly says: 'clear' | 'affected';
  readonly reason: string;
  /** RFC 3339; empty when the document does not tell. */
  readonly stated: string;
  readonly product: VexProduct;
  /** The product as the document names it. */
  readonly label: string;
}

/**
 * What the statements of one document come to. One whose product is in doubt clears nothing, and a note tells so; as a
 * statement that something is affected it counts all the same.
 */
export function stated(statements: readonly VexStatement[], author: string, file: string): ForeignSuppressions {
  const origin = `${author}, ${file}`;
  const of = (says: VexStatement['says'], doubtful: boolean) =>
    statements
      .filter((each) => each.says === says && (doubtful || each.product.doubt === undefined))
      .flatMap((each) => suppressionsOf(each, origin));
  const notes = statements.flatMap(({ says, label, product: { doubt } }) =>
    says === 'affected' || doubt === undefined ? [] : [`${file}: what is said of ${label} is not applied: ${doubt}.`],
  );
  return { suppressions: of('clear', false), affected: of('affected', true), notes: [...new Set(notes)] };
}

function suppressionsOf({ ids, reason, stated: time, product }: VexStatement, origin: string): readonly Suppression[] {
  const [id, ...aliases] = ids;
  if (id === undefined) return [];
  const common = { id, ...(aliases.length === 0 ? {} : { aliases }), reason, origin, stated: time };
  return product.scopes.map((scope) => ({ ...common, ...scope }));
}
