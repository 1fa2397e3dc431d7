import * as v from 'valibot';
import { versionOf, withVersion } from './package-url.ts';
import { productOf, type VexImage, type VexProduct } from './vex-scope.ts';

const text = v.optional(v.string());
const product = v.looseObject({
  product_id: v.string(),
  product_identification_helper: v.optional(v.looseObject({ purl: text })),
});
interface Branch {
  readonly category?: string | undefined;
  readonly name?: string | undefined;
  readonly product?: v.InferOutput<typeof product> | undefined;
  readonly branches?: readonly Branch[] | undefined;
}
const branch: v.GenericSchema<unknown, Branch> = v.looseObject({
  category: text,
  name: text,
  product: v.optional(product),
  branches: v.optional(v.array(v.lazy(() => branch))),
});
const relationship = v.looseObject({
  product_reference: v.string(),
  relates_to_product_reference: v.string(),
  full_product_name: v.looseObject({ product_id: v.string() }),
});

/** CSAF 2.0, 3.2.2 "Product Tree Property". */
export const productTree = v.optional(
  v.looseObject({
    branches: v.optional(v.array(branch), []),
    full_product_names: v.optional(v.array(product), []),
    relationships: v.optional(v.array(relationship), []),
  }),
  {},
);

/** A package URL, and whether the tree means only some versions of it, which cannot be told. */
interface Named {
  readonly purl: string;
  readonly range?: string | undefined;
}

/** The product tree: package URLs by product id, and which product is part of which. */
export class CsafProducts {
  readonly #named = new Map<string, Named>();
  readonly #parts: ReadonlyMap<string, { readonly part: string; readonly whole: string }>;
  readonly #image: VexImage;

  constructor(tree: v.InferOutput<typeof productTree>, image: VexImage) {
    this.#image = image;
    for (const each of tree.full_product_names ?? []) this.#add(each);
    for (const each of tree.branches ?? []) this.#walk(each, []);
    const related = (tree.relationships ?? []).map(
      (each) =>
        [
          each.full_product_name.product_id,
          { part: each.product_reference, whole: each.relates_to_product_reference },
        ] as const,
    );
    this.#parts = new Map(related);
  }

  of(productId: string): VexProduct {
    const related = this.#parts.get(productId);
    const whole = this.#named.get(related?.whole ?? productId);
    if (whole === undefined) return NAMELESS;
    if (related === undefined) return doubtful(productOf(whole.purl, [], this.#image), whole);
    const part = this.#named.get(related.part);
    // A package as part of a product that is no image, such as a distribution: it is not known whether this is that product.
    if (part === undefined || !whole.purl.startsWith('pkg:oci/')) return NAMELESS;
    return doubtful(productOf(whole.purl, [part.purl], this.#image), whole, part);
  }

  #walk({ product: found, branches = [], ...own }: Branch, above: readonly Branch[]): void {
    const path = [...above, own];
    if (found !== undefined) this.#add(found, path);
    for (const each of branches) this.#walk(each, path);
  }

  #add(
    { product_id: id, product_identification_helper: helper }: v.InferOutput<typeof product>,
    path: readonly Branch[] = [],
  ): void {
    if (helper?.purl === undefined) return;
    const ofCategory = (category: string) => path.findLast((each) => each.category === category)?.name;
    if (versionOf(helper.purl) !== undefined) return void this.#named.set(id, { purl: helper.purl });
    const version = ofCategory('product_version');
    const purl = version === undefined ? helper.purl : withVersion(helper.purl, version);
    this.#named.set(id, { purl, range: ofCategory('product_version_range') });
  }
}

const NAMELESS: VexProduct = { scopes: [], doubt: 'it has no package URL by which it could be found' };

function doubtful(found: VexProduct, ...named: readonly Named[]): VexProduct {
  const range = named.find((each) => each.range !== undefined)?.range;
  return range === undefined
    ? found
    : { ...found, doubt: `it is the range ${range}, and its package URL has no version` };
}
