import * as v from 'valibot';
import type { ForeignSuppressions } from './trivy-ignore.ts';
import { productOf, type VexImage, type VexProduct } from './vex-scope.ts';
import { stated, type VexStatement } from './vex-statements.ts';

const text = v.optional(v.string());
const component = v.looseObject({ '@id': text, identifiers: v.optional(v.looseObject({ purl: text })) });
const product = v.looseObject({ ...component.entries, subcomponents: v.optional(v.array(component), []) });
const named = v.looseObject({ name: v.string(), aliases: v.optional(v.array(v.string()), []) });
const statement = v.looseObject({
  vulnerability: v.union([
    v.pipe(
      v.string(),
      v.transform((name) => ({ name, aliases: [] as string[] })),
    ),
    named,
  ]),
  timestamp: text,
  products: v.optional(v.array(product), []),
  status: v.picklist(['not_affected', 'affected', 'fixed', 'under_investigation']),
  justification: text,
  impact_statement: text,
});

/** OpenVEX 0.2.0 (github.com/openvex/spec); members that are of no use here are passed over. */
const document = v.looseObject({
  '@context': v.pipe(v.string(), v.startsWith('https://openvex.dev/ns')),
  author: v.string(),
  timestamp: text,
  statements: v.array(statement),
});

type Statement = v.InferOutput<typeof statement>;
type Product = v.InferOutput<typeof product>;

/** `not_affected` and `fixed` clear a product; the others say that it is, or may be, affected. @throws ValiError */
export function openVexStatements(plain: unknown, name: string, image: VexImage): ForeignSuppressions {
  const { author, timestamp = '', statements } = v.parse(document, plain);
  const read = statements.flatMap((each) => statementsOf({ timestamp, ...each }, image));
  return stated(read, author, name);
}

function statementsOf(each: Statement, image: VexImage): readonly VexStatement[] {
  const { vulnerability, status, justification, impact_statement, timestamp = '', products } = each;
  const reason = [status.replace('_', ' '), justification?.replaceAll('_', ' '), impact_statement];
  const common = {
    ids: [...new Set([vulnerability.name, ...vulnerability.aliases])],
    says: status === 'not_affected' || status === 'fixed' ? ('clear' as const) : ('affected' as const),
    reason: reason.filter(Boolean).join(': '),
    stated: timestamp,
  };
  if (products.length === 0) {
    return [{ ...common, label: vulnerability.name, product: { scopes: [], doubt: 'it names no product' } }];
  }
  return products.map((one) => ({
    ...common,
    label: one['@id'] ?? 'a product without a name',
    product: productFrom(one, image),
  }));
}

function productFrom(given: Product, image: VexImage): VexProduct {
  const purl = purlOf(given);
  if (purl === undefined) return { scopes: [], doubt: 'it has no package URL' };
  const parts = given.subcomponents.flatMap((each) => purlOf(each) ?? []);
  // Components that are named in a way we cannot read must not turn into "all of them".
  if (parts.length === 0 && given.subcomponents.length > 0) {
    return { scopes: [], doubt: 'its components have no package URL' };
  }
  return productOf(purl, parts, image);
}

function purlOf({ '@id': id, identifiers }: Pick<Product, '@id' | 'identifiers'>): string | undefined {
  return [identifiers?.purl, id].find((each) => each?.startsWith('pkg:'));
}
