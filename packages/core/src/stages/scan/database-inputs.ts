import { parseReference } from '../../oci/reference.ts';
import { PlimsollError } from '../../runtime/errors.ts';
import { OSV_DATABASE_SOURCES } from './osv-database.ts';
import { JAVA_DATABASE_SOURCES, TRIVY_DATABASE_SOURCES } from './trivy-database.ts';
import type { Inputs } from '../../github/inputs.ts';

/** Where the scanners' databases come from; each list is tried in order. */
export interface DatabaseSources {
  /** OCI references. */
  readonly trivy: readonly string[];
  /** OCI references. */
  readonly java: readonly string[];
  /** Base URLs. */
  readonly osv: readonly string[];
}

/** @throws PlimsollError `reference-invalid`, `input-invalid` */
export function readDatabaseInputs(inputs: Inputs<'trivy-db' | 'trivy-java-db' | 'osv-db'>): DatabaseSources {
  const trivy = orDefault(inputs.lines('trivy-db'), TRIVY_DATABASE_SOURCES);
  const java = orDefault(inputs.lines('trivy-java-db'), JAVA_DATABASE_SOURCES);
  for (const reference of [...trivy, ...java]) parseReference(reference);
  const osv = orDefault(inputs.lines('osv-db'), OSV_DATABASE_SOURCES);
  for (const base of osv) requireUrl(base);
  return { trivy, java, osv };
}

function orDefault(lines: readonly string[], fallback: readonly string[]): readonly string[] {
  return lines.length === 0 ? fallback : lines;
}

function requireUrl(base: string): void {
  if (URL.canParse(base) && /^https?:$/.test(new URL(base).protocol)) return;
  throw new PlimsollError('input-invalid', `The input "osv-db" has "${base.slice(0, 100)}", which is not a URL`, {
    hint: 'Write one base URL per line, such as https://osv-vulnerabilities.storage.googleapis.com.',
  });
}
