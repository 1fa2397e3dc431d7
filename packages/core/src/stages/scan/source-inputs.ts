import type { Inputs } from '../../github/inputs.ts';
import type { SourceScanners } from './plan.ts';

/** Which scanners the job lets look; both unless it says otherwise. @throws PlimsollError `input-invalid` */
export function readSourceScanners(
  inputs: Pick<Inputs<'enable-osv' | 'enable-trivy-source'>, 'boolean'>,
): SourceScanners {
  return { trivy: inputs.boolean('enable-trivy-source', true), osv: inputs.boolean('enable-osv', true) };
}
