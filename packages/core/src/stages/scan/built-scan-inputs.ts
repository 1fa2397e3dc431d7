import path from 'node:path';
import type { GitHubContext } from '../../github/context.ts';
import type { Inputs } from '../../github/inputs.ts';
import { readBaseline } from './comparison-inputs.ts';
import { type DatabaseSources, readDatabaseInputs } from './database-inputs.ts';
import type { ScanRequest, SourceScanners } from './plan.ts';
import { type RuleInputs, readRuleInputs } from './rule-inputs.ts';
import { readSourceScanners } from './source-inputs.ts';

/** Inputs of an action that scans what it built before it uploads it. */
export const BUILT_SCAN_INPUTS = [
  'source',
  'enable-osv',
  'enable-trivy-source',
  'trivy-severity',
  'trivy-ignorefile',
  'vex',
  'baseline',
  'only-new',
  'trivy-db',
  'trivy-java-db',
  'osv-db',
] as const;

/** How an image of this job is scanned. */
export interface BuiltScanInputs {
  /** Absolute. */
  readonly source: string;
  readonly sourceScanners: SourceScanners;
  readonly rules: RuleInputs;
  readonly baseline: ScanRequest['baseline'];
  readonly databases: DatabaseSources;
}

/** @throws PlimsollError `input-invalid`, `reference-invalid`, `digest-required` */
export function readBuiltScanInputs(
  inputs: Inputs<(typeof BUILT_SCAN_INPUTS)[number]>,
  { workspace }: GitHubContext,
): BuiltScanInputs {
  return {
    source: path.resolve(workspace, inputs.text('source') ?? '.'),
    sourceScanners: readSourceScanners(inputs),
    rules: readRuleInputs(inputs),
    baseline: readBaseline(inputs),
    databases: readDatabaseInputs(inputs),
  };
}
