import type { ScanResult } from '@plimsoll/core/stages/scan';
import { attestScan, type AttestPorts } from '@plimsoll/core/stages/scan/attest';
import { showScan } from '@plimsoll/core/stages/scan/show';
import type { ScanContext, ScanInputs } from './inputs.ts';

/** Overwritten at the end: whatever goes wrong before it is no pass. */
export function setPessimisticOutputs({ outputs }: ScanContext): void {
  outputs.set('passed', false);
  outputs.set('trivy-image-scan-passed', false);
  outputs.set('vuln-attestation-attached', false);
  outputs.set('outcome', 'error');
}

export function setOutputs({ outputs }: ScanContext, { outcome, counts, files, report }: ScanResult): void {
  outputs.set('passed', outcome === 'pass');
  outputs.set('trivy-image-scan-passed', report.imageOutcome === 'pass');
  outputs.set('outcome', outcome);
  outputs.set('report', files.report);
  outputs.set('sarif', files.sarifs.join('\n'));
  outputs.set('verdict', files.verdict ?? '');
  outputs.set('sboms', JSON.stringify(files.sboms));
  for (const [name, count] of Object.entries(counts)) outputs.set(name, count);
}

/**
 * Signs and uploads what was asked for, whatever the outcome.
 *
 * @throws PlimsollError as `attestScan` and `showScan`
 */
export async function publishResults(
  result: ScanResult,
  inputs: ScanInputs,
  { evidence, context }: { readonly evidence: AttestPorts | undefined; readonly context: ScanContext },
): Promise<void> {
  const { outputs } = context;
  const { digest } = result.report;
  if (evidence !== undefined && digest !== undefined && result.files.verdict !== undefined) {
    outputs.set('verdict', await attestScan(digest, result.files.verdict, evidence));
    outputs.set('vuln-attestation-attached', result.files.predicates.size > 0);
  }
  await showScan(result, { ...inputs, rescan: inputs.from === 'sbom' }, context);
}
