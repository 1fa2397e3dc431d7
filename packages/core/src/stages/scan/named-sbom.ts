import { pick } from '../../runtime/pick.ts';

/** What an SBOM is about, in place of the path that the scanner was given. */
export interface SbomName {
  /** `registry/repository`. */
  readonly name: string;
  /** Of the platform's manifest. */
  readonly digest: string;
}

/** As trivy calls the image that it was given as `layout@<digest>`, everywhere in its documents. */
function renamed(document: object, { name, digest }: SbomName): object {
  const given = JSON.stringify(`layout@${digest}`).slice(1, -1);
  const wanted = JSON.stringify(`${name}@${digest}`).slice(1, -1);
  return JSON.parse(JSON.stringify(document).replaceAll(given, wanted)) as object;
}

/** SPDX 2.3: the name of the document, and of the one package that is the image itself. */
export function namedSpdx(document: object, named: SbomName): object {
  return renamed(document, named);
}

/** CycloneDX: `metadata.component` as well, with the digest as its version. */
export function namedCycloneDx(document: object, named: SbomName): object {
  const plain = renamed(document, named);
  const metadata: unknown = pick(plain, 'metadata');
  const component: unknown = pick(metadata, 'component');
  const about = { ...(component as object | undefined), name: named.name, version: named.digest };
  return { ...plain, metadata: { ...(metadata as object | undefined), component: about } };
}
