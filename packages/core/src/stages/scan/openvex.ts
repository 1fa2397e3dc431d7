import * as v from 'valibot';
import type { Suppression } from '../../policy/gate.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import { barePurl } from './package-url.ts';
import { type ForeignSuppressions, versionOf } from './trivy-ignore.ts';

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

/** The image that is judged, as VEX products name it. */
export interface VexImage {
  /** `ghcr.io/acme/app`. */
  readonly name: string;
  /** Of the root and of every platform. */
  readonly digests: readonly string[];
}

/**
 * What an OpenVEX file says is no problem: `not_affected` and `fixed`, of a package, or of packages in this image. Of
 * several statements on the same thing the latest counts.
 *
 * @throws PlimsollError `policy-invalid`
 */
export function readOpenVex(content: string, name: string, image: VexImage): ForeignSuppressions {
  const { author, timestamp = '', statements } = parseDocument(content, name);
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

function parseDocument(content: string, name: string): v.InferOutput<typeof document> {
  let plain: unknown;
  try {
    plain = JSON.parse(content);
  } catch {
    throw invalid(name, 'it is not JSON');
  }
  const parsed = v.safeParse(document, plain);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw invalid(name, `"${v.getDotPath(issue) ?? ''}": ${issue.message}`);
}

type Scope = Pick<Suppression, 'package' | 'version'>;

/** A product is a package, or this image with the packages in it that are meant; of another image it says nothing. */
function scopesOf(given: Product, image: VexImage): readonly Scope[] {
  const purl = purlOf(given);
  if (purl === undefined) return [];
  if (!purl.startsWith('pkg:oci/')) return [packageScope(purl)];
  if (!isImage(purl, image)) return [];
  if (given.subcomponents.length === 0) return [{}];
  return given.subcomponents.flatMap((each) => {
    const part = purlOf(each);
    return part === undefined ? [] : [packageScope(part)];
  });
}

function purlOf({ '@id': id, identifiers }: Pick<Product, '@id' | 'identifiers'>): string | undefined {
  return [identifiers?.purl, id].find((each) => each?.startsWith('pkg:'));
}

function packageScope(purl: string): Scope {
  const version = versionOf(purl);
  return { package: barePurl(purl), ...(version === undefined ? {} : { version }) };
}

/** `pkg:oci/app@sha256:…?repository_url=ghcr.io/acme/app` (package-url specification, "oci"). */
function isImage(purl: string, { name, digests }: VexImage): boolean {
  const digest = versionOf(purl);
  if (digest !== undefined && !digests.includes(digest)) return false;
  const query = new URLSearchParams(purl.split('#', 1)[0]?.split('?')[1] ?? '');
  const url = query.get('repository_url');
  if (url !== null) return url === name;
  return digest !== undefined || barePurl(purl) === `pkg:oci/${name.split('/').at(-1) ?? name}`;
}

function suppression(
  { vulnerability, status, justification, impact_statement }: Statement,
  scope: Scope,
  origin: string,
): Suppression {
  const why = [status.replace('_', ' '), justification?.replaceAll('_', ' '), impact_statement];
  return { id: vulnerability.name, reason: why.filter(Boolean).join(': '), origin, ...scope };
}

function invalid(name: string, message: string): PlimsollError {
  return new PlimsollError('policy-invalid', `${name}: ${message}`, {
    hint: 'Give an OpenVEX document (https://openvex.dev/ns/v0.2.0), or leave it out of the input "vex".',
  });
}
