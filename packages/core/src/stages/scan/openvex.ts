import * as v from 'valibot';
import type { Suppression } from '../../policy/gate.ts';
import type { ForeignSuppressions } from './trivy-ignore.ts';
import { scopesOfProduct, type VexImage, type VexScope } from './vex-scope.ts';

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

/**
 * What an OpenVEX file says is no problem: `not_affected` and `fixed`, of a package, or of packages in this image. Of
 * several statements on the same thing the latest counts.
 *
 * @throws ValiError
 */
export function openVexStatements(plain: unknown, name: string, image: VexImage): ForeignSuppressions {
  const { author, timestamp = '', statements } = v.parse(document, plain);
  const ordered = statements.toSorted((a, b) => (a.timestamp ?? timestamp).localeCompare(b.timestamp ?? timestamp));
  const latest = new Map<string, Suppression | undefined>();
  const notes: string[] = [];
  for (const each of ordered) {
    if (each.products.length === 0)
      notes.push(`${name}: ${each.vulnerability.name} names no product, so it says nothing.`);
    for (const scope of each.products.flatMap((one) => scopesOf(one, image))) {
      const key = JSON.stringify([each.vulnerability.name, scope]);
      const clear = each.status === 'not_affected' || each.status === 'fixed';
      latest.set(key, clear ? suppression(each, scope, `${author}, ${name}`) : undefined);
    }
  }
  return { suppressions: [...latest.values()].filter((each) => each !== undefined), notes };
}

function scopesOf(given: Product, image: VexImage): readonly VexScope[] {
  const purl = purlOf(given);
  if (purl === undefined) return [];
  const parts = given.subcomponents.flatMap((each) => purlOf(each) ?? []);
  // Components that are named in a way we cannot read must not turn into "all of them".
  return parts.length === 0 && given.subcomponents.length > 0 ? [] : scopesOfProduct(purl, parts, image);
}

function purlOf({ '@id': id, identifiers }: Pick<Product, '@id' | 'identifiers'>): string | undefined {
  return [identifiers?.purl, id].find((each) => each?.startsWith('pkg:'));
}

function suppression(
  { vulnerability, status, justification, impact_statement }: Statement,
  scope: VexScope,
  origin: string,
): Suppression {
  const why = [status.replace('_', ' '), justification?.replaceAll('_', ' '), impact_statement];
  return { id: vulnerability.name, reason: why.filter(Boolean).join(': '), origin, ...scope };
}
