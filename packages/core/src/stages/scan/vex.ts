import * as v from 'valibot';
import { PlimsollError } from '../../runtime/errors.ts';
import { csafStatements } from './csaf.ts';
import { cycloneDxStatements } from './cyclonedx-vex.ts';
import { openVexStatements } from './openvex.ts';
import type { ForeignSuppressions } from './trivy-ignore.ts';
import type { VexImage } from './vex-scope.ts';

/**
 * What a VEX file (OpenVEX 0.2, CSAF 2.0, CycloneDX 1.4 to 1.7) says is no problem: `not affected`, `fixed` and the like, of
 * a package, or of packages in this image. Every suppression names the author and the file.
 *
 * @throws PlimsollError `policy-invalid`
 */
export function readVex(content: string, name: string, image: VexImage): ForeignSuppressions {
  const plain = parse(content, name);
  const read = READERS.find(({ marker }) => marker in plain)?.read;
  if (read === undefined) throw invalid(name, 'it is neither OpenVEX nor CSAF nor CycloneDX');
  try {
    return read(plain, name, image);
  } catch (error) {
    if (!v.isValiError(error)) throw error;
    const [issue] = error.issues;
    throw invalid(name, `"${v.getDotPath(issue) ?? ''}": ${issue.message}`);
  }
}

type Reader = (plain: unknown, name: string, image: VexImage) => ForeignSuppressions;

/** By the member that only this kind of document has at its top. */
const READERS: readonly { readonly marker: string; readonly read: Reader }[] = [
  { marker: '@context', read: openVexStatements },
  { marker: 'bomFormat', read: cycloneDxStatements },
  { marker: 'document', read: csafStatements },
];

function parse(content: string, name: string): object {
  try {
    const plain: unknown = JSON.parse(content);
    if (typeof plain === 'object' && plain !== null) return plain;
  } catch {
    // told below
  }
  throw invalid(name, 'it is not a JSON document');
}

function invalid(name: string, message: string): PlimsollError {
  return new PlimsollError('policy-invalid', `${name}: ${message}`, {
    hint: 'Give a VEX document in OpenVEX (https://openvex.dev/ns/v0.2.0), CSAF 2.0 or CycloneDX, or leave it out of the input "vex".',
  });
}
