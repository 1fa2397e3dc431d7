import * as v from 'valibot';
import { CsafProducts, productTree } from './csaf-products.ts';
import type { ForeignSuppressions } from './trivy-ignore.ts';
import type { VexImage } from './vex-scope.ts';
import { stated, type VexStatement } from './vex-statements.ts';

const text = v.optional(v.string());
const ids = v.optional(v.array(v.string()), []);
const vulnerability = v.looseObject({
  cve: text,
  ids: v.optional(v.array(v.looseObject({ text: v.string() })), []),
  product_status: v.optional(
    v.looseObject({
      known_not_affected: ids,
      fixed: ids,
      first_fixed: ids,
      known_affected: ids,
      first_affected: ids,
      last_affected: ids,
      under_investigation: ids,
    }),
    {},
  ),
  flags: v.optional(v.array(v.looseObject({ label: v.string(), product_ids: ids })), []),
  threats: v.optional(v.array(v.looseObject({ category: text, details: text, product_ids: ids })), []),
});

/** CSAF 2.0 (docs.oasis-open.org/csaf/csaf/v2.0), profile 5 "VEX" and those that hold the same members. */
const schema = v.looseObject({
  document: v.looseObject({
    publisher: v.looseObject({ name: v.string() }),
    tracking: v.optional(v.looseObject({ current_release_date: text }), {}),
  }),
  product_tree: productTree,
  vulnerabilities: v.optional(v.array(vulnerability), []),
});

type Vulnerability = v.InferOutput<typeof vulnerability>;

/** What is said of a product, beside which product it is. */
type Said = Pick<VexStatement, 'says' | 'reason'> & { readonly productId: string };

/** @throws ValiError */
export function csafStatements(plain: unknown, name: string, image: VexImage): ForeignSuppressions {
  const { document, product_tree: tree, vulnerabilities } = v.parse(schema, plain);
  const products = new CsafProducts(tree, image);
  const time = document.tracking.current_release_date ?? '';
  const statements = vulnerabilities.flatMap((each) =>
    idsOf(each).flatMap((id) =>
      saidBy(each).map(({ productId, ...said }): VexStatement => {
        const product = products.of(productId);
        return { ...said, ids: [id], stated: time, label: `the product ${productId}`, product };
      }),
    ),
  );
  return stated(statements, document.publisher.name, name);
}

/** The other ids may be those of an advisory on several vulnerabilities, so they stand in only where there is no CVE. */
function idsOf({ cve, ids: others }: Vulnerability): readonly string[] {
  return cve === undefined ? others.map((each) => each.text) : [cve];
}

function saidBy({ product_status: status, flags, threats }: Vulnerability): readonly Said[] {
  const why = (productId: string) => [
    ...flags.filter((each) => each.product_ids.includes(productId)).map(({ label }) => label.replaceAll('_', ' ')),
    ...threats
      .filter((each) => each.category === 'impact' && each.product_ids.includes(productId))
      .flatMap(({ details }) => details ?? []),
  ];
  const clear = (word: string) => (productId: string) => ({
    says: 'clear' as const,
    productId,
    reason: [word, ...why(productId)].join(': '),
  });
  const affected = (productId: string) => ({ says: 'affected' as const, productId, reason: 'affected' });
  return [
    ...(status.known_not_affected ?? []).map(clear('not affected')),
    ...[...(status.fixed ?? []), ...(status.first_fixed ?? [])].map(clear('fixed')),
    ...AFFECTED.flatMap((key) => status[key] ?? []).map(affected),
  ];
}

const AFFECTED = ['known_affected', 'first_affected', 'last_affected', 'under_investigation'] as const;
