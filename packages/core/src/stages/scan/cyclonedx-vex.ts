import * as v from 'valibot';
import { withVersion } from './package-url.ts';
import type { ForeignSuppressions } from './trivy-ignore.ts';
import { productOf, type VexImage, type VexProduct } from './vex-scope.ts';
import { stated, type VexStatement } from './vex-statements.ts';

const text = v.optional(v.string());
const named = v.optional(v.looseObject({ name: text }));
interface Component {
  readonly 'bom-ref'?: string | undefined;
  readonly purl?: string | undefined;
  readonly components?: readonly Component[] | undefined;
}
const component: v.GenericSchema<Component> = v.looseObject({
  'bom-ref': text,
  purl: text,
  components: v.optional(v.array(v.lazy(() => component))),
});
const affectedVersion = v.looseObject({ version: text, range: text, status: text });
const affected = v.looseObject({ ref: v.string(), versions: v.optional(v.array(affectedVersion), []) });
const vulnerability = v.looseObject({
  id: v.string(),
  references: v.optional(v.array(v.looseObject({ id: text })), []),
  published: text,
  updated: text,
  analysis: v.optional(
    v.looseObject({ state: text, justification: text, detail: text, firstIssued: text, lastUpdated: text }),
  ),
  affects: v.optional(v.array(affected), []),
});

/** CycloneDX 1.4 to 1.7 (cyclonedx.org/capabilities/vex). */
const schema = v.looseObject({
  bomFormat: v.literal('CycloneDX'),
  metadata: v.optional(
    v.looseObject({
      timestamp: text,
      authors: v.optional(v.array(v.looseObject({ name: text }))),
      manufacturer: named,
      manufacture: named,
      supplier: named,
      component: v.optional(component),
    }),
  ),
  components: v.optional(v.array(component), []),
  vulnerabilities: v.optional(v.array(vulnerability), []),
});

type Document = v.InferOutput<typeof schema>;
type Vulnerability = v.InferOutput<typeof vulnerability>;

/** States that say there is nothing to do; a fix with provenance is one too. */
const CLEAR = new Set(['not_affected', 'false_positive', 'resolved', 'resolved_with_pedigree']);

/** States that say that something is, or may be, affected. */
const AFFECTED = new Set(['exploitable', 'in_triage']);

/** @throws ValiError */
export function cycloneDxStatements(plain: unknown, name: string, image: VexImage): ForeignSuppressions {
  const document = v.parse(schema, plain);
  const purls = purlsOf(document);
  const time = document.metadata?.timestamp;
  const statements = document.vulnerabilities.flatMap((each): readonly VexStatement[] => {
    const state = each.analysis?.state ?? '';
    if (!CLEAR.has(state) && !AFFECTED.has(state)) return [];
    const { id, references, analysis } = each;
    const common = {
      ids: [...new Set([id, ...references.flatMap((other) => other.id ?? [])])],
      reason: reasonOf(each),
      stated: analysis?.lastUpdated ?? analysis?.firstIssued ?? each.updated ?? each.published ?? time ?? '',
    };
    const says = CLEAR.has(state) ? ('clear' as const) : ('affected' as const);
    if (each.affects.length === 0) return [{ ...common, says, label: id, product: NAMELESS }];
    return each.affects.flatMap((one) =>
      saidOf(one, says, purlOf(one.ref, purls)).map(({ purl, doubt, ...said }) => {
        const product = purl === undefined ? NAMELESS : productOf(purl, [], image);
        return { ...common, label: one.ref, ...said, product: { ...product, doubt: doubt ?? product.doubt } };
      }),
    );
  });
  return stated(statements, authorOf(document), name);
}

const NAMELESS: VexProduct = { scopes: [], doubt: 'it has no package URL' };

type Affected = v.InferOutput<typeof affected>;
type Said = Pick<VexStatement, 'says'> & Pick<VexProduct, 'doubt'> & { readonly purl: string | undefined };

/** Of a component whose versions are listed, one by one what is said of each; their own word goes before that of the whole. */
function saidOf({ versions }: Affected, says: VexStatement['says'], purl: string | undefined): readonly Said[] {
  if (versions.length === 0) return [{ says, purl }];
  return versions.flatMap(({ version, range, status = 'affected' }): readonly Said[] => {
    const isClear = status === 'unaffected';
    // What is said to be exploitable in general is not cleared by a version that is not.
    if (isClear && says === 'affected') return [];
    const own = { says: isClear ? ('clear' as const) : ('affected' as const) };
    if (version !== undefined) return [{ ...own, purl: purl && withVersion(purl, version) }];
    return [{ ...own, purl, doubt: `it is the range ${range ?? 'without a name'}` }];
  });
}

function purlsOf({ components, metadata }: Document): ReadonlyMap<string, string> {
  const purls = new Map<string, string>();
  const add = (each: Component) => {
    if (each['bom-ref'] !== undefined && each.purl !== undefined) purls.set(each['bom-ref'], each.purl);
    each.components?.forEach(add);
  };
  [...components, ...(metadata?.component === undefined ? [] : [metadata.component])].forEach(add);
  return purls;
}

/** A reference within the document, a package URL itself, or `urn:cdx:<serial>/<version>#<reference>` (BOM-Link). */
function purlOf(ref: string, purls: ReadonlyMap<string, string>): string | undefined {
  const linked = /^urn:cdx:[^#]+#(.+)$/.exec(ref)?.[1];
  const names = [ref, ...(linked === undefined ? [] : [linked, decoded(linked)])];
  return names.map((each) => purls.get(each)).find(Boolean) ?? names.find((each) => each.startsWith('pkg:'));
}

function decoded(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

function reasonOf({ analysis }: Vulnerability): string {
  const parts = [analysis?.state, analysis?.justification, analysis?.detail];
  return parts.flatMap((part, at) => (part ? [at < 2 ? part.replaceAll('_', ' ') : part] : [])).join(': ');
}

function authorOf({ metadata }: Document): string {
  const names = [
    metadata?.authors?.[0]?.name,
    metadata?.supplier?.name,
    metadata?.manufacturer?.name,
    metadata?.manufacture?.name,
  ];
  return names.find(Boolean) ?? 'an unnamed author';
}
