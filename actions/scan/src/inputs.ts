import { statSync } from 'node:fs';
import path from 'node:path';
import type { ActionContext } from '@plimsoll/core/github/action';
import { type DatabaseSources, readDatabaseInputs } from '@plimsoll/core/stages/scan/database-inputs';
import { readDockerfileInputs } from '@plimsoll/core/stages/scan/dockerfile-inputs';
import { type RuleInputs, readRuleInputs } from '@plimsoll/core/stages/scan/rule-inputs';
import { PlimsollError } from '@plimsoll/core/runtime/errors';
import { readBaseline } from '@plimsoll/core/stages/scan/comparison-inputs';
import type { ScanRequest, ScanSubject, SourceScanners } from '@plimsoll/core/stages/scan/plan';
import { readSourceScanners } from '@plimsoll/core/stages/scan/source-inputs';
import { readTarget, requireAttachable, requirePublished } from './target.ts';

/** Every input that action.yml declares. */
export const INPUTS = [
  'image',
  'digest',
  'layout',
  'from',
  'source',
  'file',
  'target',
  'enable-osv',
  'enable-trivy-source',
  'enable-trivy-image',
  'policy',
  'trivy-severity',
  'trivy-ignorefile',
  'vex',
  'baseline',
  'only-new',
  'attest',
  'trivy-db',
  'trivy-java-db',
  'osv-db',
  'upload-sarif',
  'pr-comment',
  'open-issue',
  'signing-config',
  'trusted-root',
  'registry-auth',
  'github-token',
  'dry-run',
] as const;

export type ScanContext = ActionContext<(typeof INPUTS)[number]>;

export interface ScanInputs {
  readonly from: 'image' | 'sbom';
  readonly baseline: ScanRequest['baseline'];
  /** For people; without tag and digest. */
  readonly image: string;
  /** Absent when only the source is scanned. */
  readonly subject: ScanSubject | undefined;
  /** Absolute. */
  readonly source: string | undefined;
  /** Where the source lies in the repository; empty for its root. */
  readonly sourcePrefix: string;
  readonly sourceScanners: SourceScanners;
  readonly dockerfile: ScanRequest['dockerfile'];
  /** Paths in the repository. */
  readonly rules: RuleInputs;
  readonly attest: boolean;
  readonly uploadSarif: boolean;
  readonly prComment: boolean;
  readonly openIssue: boolean;
  readonly databases: DatabaseSources;
  readonly signingConfig: string | undefined;
  readonly trustedRoot: string | undefined;
  readonly dryRun: boolean;
}

/**
 * A tag is looked up here, once; everything after is by digest.
 * @throws PlimsollError `input-*`, `reference-invalid`, `digest-invalid`, `digest-required`, `registry-*`
 */
export async function readScanInputs(context: ScanContext): Promise<ScanInputs> {
  const { inputs, github } = context;
  const image = inputs.text('image');
  const layout = absolute(inputs.text('layout'), github.workspace);
  const target = inputs.boolean('enable-trivy-image', true)
    ? await readTarget({ image, digest: inputs.text('digest'), layout }, context)
    : { image: image ?? github.repository, subject: undefined };
  const from = inputs.choice('from', ['image', 'sbom']);
  if (from === 'sbom') requirePublished(target.subject, inputs.boolean('attest'));
  // The tree of this job is not what the published image was built from.
  const source = from === 'sbom' ? withoutSource(inputs) : readSource(inputs, github.workspace);
  if (target.subject === undefined && source.source === undefined) throw nothingLeft();
  const attest = inputs.boolean('attest');
  if (attest) requireAttachable(target.subject);
  const databases = readDatabaseInputs(inputs);
  return Object.freeze({
    ...target,
    from,
    baseline: readBaseline(inputs),
    ...source,
    dockerfile: await readDockerfileInputs(inputs, { source: source.source, workspace: github.workspace }),
    rules: readRuleInputs(inputs),
    attest,
    uploadSarif: inputs.boolean('upload-sarif'),
    prComment: inputs.boolean('pr-comment'),
    openIssue: inputs.boolean('open-issue'),
    databases,
    signingConfig: inputs.text('signing-config'),
    trustedRoot: inputs.text('trusted-root'),
    dryRun: inputs.boolean('dry-run'),
  });
}

function nothingLeft(): PlimsollError {
  return new PlimsollError('input-conflict', 'Everything that could be scanned is switched off', {
    hint: 'Remove one of "enable-trivy-image: false", "enable-trivy-source: false" and "enable-osv: false", or name a "source:".',
  });
}

/** osv-scanner looks at the packages of the image as well. */
function withoutSource(inputs: ScanContext['inputs']): Source {
  const { osv } = readSourceScanners(inputs);
  return { source: undefined, sourcePrefix: '', sourceScanners: { trivy: false, osv } };
}

type Source = Pick<ScanInputs, 'source' | 'sourcePrefix' | 'sourceScanners'>;

function readSource(inputs: ScanContext['inputs'], workspace: string): Source {
  const sourceScanners = readSourceScanners(inputs);
  const text = sourceScanners.trivy || sourceScanners.osv ? inputs.text('source') : undefined;
  if (text === undefined) return { source: undefined, sourcePrefix: '', sourceScanners };
  const source = path.resolve(workspace, text);
  if (!(statSync(source, { throwIfNoEntry: false })?.isDirectory() ?? false)) {
    throw new PlimsollError('file-unreadable', `The source directory ${source} does not exist`, {
      hint: 'Check out the repository before, correct "source:", or write "source: \'\'" to leave the source out.',
    });
  }
  const relative = path.relative(workspace, source);
  const sourcePrefix = relative.startsWith('..') ? '' : relative.replaceAll(path.sep, '/');
  return { source, sourcePrefix, sourceScanners };
}

function absolute(file: string | undefined, workspace: string): string | undefined {
  return file === undefined ? undefined : path.resolve(workspace, file);
}
