import * as v from 'valibot';
import type { Suppression } from '../../policy/gate.ts';
import type { ForeignSuppressions } from './trivy-ignore.ts';
import { scopesOfProduct, type VexImage, type VexScope } from './vex-scope.ts';

const text = v.optional(v.string());
const ids = v.optional(v.array(v.string()), []);
const product = v.looseObject({
  product_id: v.string(),
  product_identification_helper: v.optional(v.looseObject({ purl: text })),
});
interface Branch {
  readonly product?: v.InferOutput<typeof product> | undefined;
  readonly branches?: readonly Branch[] | undefined;
}
const branch: v.GenericSchema<unknown, Branch> = v.looseObject({
  product: v.optional(product),
  branches: v.optional(v.array(v.lazy(() => branch))),
});
const relationship = v.looseObject({
  product_reference: v.string(),
  relates_to_product_reference: v.string(),
  full_product_name: v.looseObject({ product_id: v.string() }),
});
const vulnerability = v.looseObject({
  cve: text,
  ids: v.optional(v.array(v.looseObject({ text: v.string() })), []),
  product_status: v.optional(v.looseObject({ known_not_affected: ids, fixed: ids, first_fixed: ids }), {}),
  flags: v.optional(v.array(v.looseObject({ label: v.string(), product_ids: ids })), []),
  threats: v.optional(v.array(v.looseObject({ category: text, details: text, product_ids: ids })), []),
});

/** CSAF 2.0 (docs.oasis-open.org/csaf/csaf/v2.0), profile 5 "VEX" and those that hold the same members. */
const schema = v.looseObject({
  document: v.looseObject({ publisher: v.looseObject({ name: v.string() }) }),
  product_tree: v.optional(
    v.looseObject({
      branches: v.optional(v.array(branch), []),
      full_product_names: v.optional(v.array(product), []),
      relationships: v.optional(v.array(relationship), []),
    }),
    {},
  ),
  vulnerabilities: v.optional(v.array(vulnerability), []),
});

type Document = v.InferOutput<typeof schema>;
type Vulnerability = v.InferOutput<typeof vulnerability>;

/** @throws ValiError */
export function csafStatements(plain: unknown, name: string, image: VexImage): ForeignSuppressions {
  const document = v.parse(schema, plain);
  const origin = `${document.document.publisher.name}, ${name}`;
  const products = new Products(document, image);
  const notes = new Set<string>();
  const suppressions = document.vulnerabilities.flatMap((each) =>
    clearedBy(each).flatMap(({ productId, reason }) => {
      const scopes = products.scopesOf(productId);
      if (scopes === undefined) {
        notes.add(`${name}: the product ${productId} has no package URL, so what is said of it cannot be applied.`);
      }
      return idsOf(each).flatMap((id) =>
        (scopes ?? []).map((scope): Suppression => ({ id, reason, origin, ...scope })),
      );
    }),
  );
  return { suppressions, notes: [...notes] };
}

function idsOf({ cve, ids: others }: Vulnerability): readonly string[] {
  return cve === undefined ? others.map((each) => each.text) : [cve];
}

interface Cleared {
  readonly productId: string;
  readonly reason: string;
}

function clearedBy({ product_status: status, flags, threats }: Vulnerability): readonly Cleared[] {
  const why = (productId: string) => [
    ...flags.filter((each) => each.product_ids.includes(productId)).map(({ label }) => label.replaceAll('_', ' ')),
    ...threats
      .filter((each) => each.category === 'impact' && each.product_ids.includes(productId))
      .flatMap(({ details }) => details ?? []),
  ];
  const say = (word: string) => (productId: string) => ({ productId, reason: [word, ...why(productId)].join(': ') });
  return [
    ...(status.known_not_affected ?? []).map(say('not affected')),
    ...[...(status.fixed ?? []), ...(status.first_fixed ?? [])].map(say('fixed')),
  ];
}

/** The product tree: package URLs by product id, and which product is part of which. */
class Products {
  readonly #purls = new Map<string, string>();
  readonly #parts: ReadonlyMap<string, { readonly part: string; readonly whole: string }>;
  readonly #image: VexImage;

  constructor({ product_tree: tree }: Document, image: VexImage) {
    this.#image = image;
    for (const each of tree.full_product_names ?? []) this.#add(each);
    for (const each of tree.branches ?? []) this.#walk(each);
    const related = (tree.relationships ?? []).map(
      (each) =>
        [
          each.full_product_name.product_id,
          { part: each.product_reference, whole: each.relates_to_product_reference },
        ] as const,
    );
    this.#parts = new Map(related);
  }

  /** `undefined` when it cannot be told what is meant. */
  scopesOf(productId: string): readonly VexScope[] | undefined {
    const related = this.#parts.get(productId);
    if (related === undefined) {
      const purl = this.#purls.get(productId);
      return purl === undefined ? undefined : scopesOfProduct(purl, [], this.#image);
    }
    const part = this.#purls.get(related.part);
    const whole = this.#purls.get(related.whole);
    // A package as part of a product that is no image, such as a distribution: it is not known whether this is that product.
    if (part === undefined || whole === undefined || !whole.startsWith('pkg:oci/')) return undefined;
    return scopesOfProduct(whole, [part], this.#image);
  }

  #walk({ product: found, branches = [] }: Branch): void {
    if (found !== undefined) this.#add(found);
    for (const each of branches) this.#walk(each);
  }

  #add({ product_id: id, product_identification_helper: helper }: v.InferOutput<typeof product>): void {
    if (helper?.purl !== undefined) this.#purls.set(id, helper.purl);
  }
}
