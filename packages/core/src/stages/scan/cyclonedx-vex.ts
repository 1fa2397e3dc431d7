import * as v from 'valibot';
import type { Suppression } from '../../policy/gate.ts';
import type { ForeignSuppressions } from './trivy-ignore.ts';
import { scopesOfProduct, type VexImage } from './vex-scope.ts';

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
const vulnerability = v.looseObject({
  id: v.string(),
  analysis: v.optional(v.looseObject({ state: text, justification: text, detail: text })),
  affects: v.optional(v.array(v.looseObject({ ref: v.string() })), []),
});

/** CycloneDX 1.4 to 1.7 (cyclonedx.org/capabilities/vex). */
const schema = v.looseObject({
  bomFormat: v.literal('CycloneDX'),
  metadata: v.optional(
    v.looseObject({
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

/** @throws ValiError */
export function cycloneDxStatements(plain: unknown, name: string, image: VexImage): ForeignSuppressions {
  const document = v.parse(schema, plain);
  const purls = purlsOf(document);
  const notes: string[] = [];
  const suppressions = document.vulnerabilities.flatMap((each): readonly Suppression[] => {
    if (!CLEAR.has(each.analysis?.state ?? '')) return [];
    const found = each.affects.map(({ ref }) => purlOf(ref, purls));
    if (found.length === 0 || found.includes(undefined)) {
      notes.push(`${name}: ${each.id} names no product by its package URL, so it says nothing there.`);
    }
    const scopes = found.flatMap((purl) => (purl === undefined ? [] : scopesOfProduct(purl, [], image)));
    return scopes.map((scope) => ({
      id: each.id,
      reason: reasonOf(each),
      origin: `${authorOf(document)}, ${name}`,
      ...scope,
    }));
  });
  return { suppressions, notes };
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
