import type { ActionContext } from '@plimsoll/core/github/action';
import {
  BUILD_INPUTS,
  type BuildInputs,
  readBuildInputs,
  readSharedInputs,
  type SharedBuildInputs,
} from '@plimsoll/core/github/build-inputs';
import { type FamilyBuild, readFamily, refuseInputsOfOne } from '@plimsoll/core/github/family-inputs';
import { noticeIdleMerge } from '@plimsoll/core/github/idle-merge';
import { toolPorts } from '@plimsoll/core/github/tool-ports';
import { readPush } from '@plimsoll/core/github/push-input';
import { UNPROTECTED_REFS, type UnprotectedRefs } from '@plimsoll/core/github/ref-standing';
import {
  BUILT_SCAN_INPUTS,
  type BuiltScanInputs,
  readBuiltScanInputs,
} from '@plimsoll/core/stages/scan/built-scan-inputs';
import { readSigningInputs, SIGNING_INPUTS, type SigningInputs } from '@plimsoll/core/stages/sign/inputs';
import { DEFAULT_SCOPE, type Scope, SCOPES } from '@plimsoll/core/stages/sign/scope';
import { PREDICATE_TYPES } from '@plimsoll/core/sigstore/predicates';
import { PlimsollError } from '@plimsoll/core/runtime/errors';

/** Every input that the root action.yml declares. */
export const INPUTS = [
  ...BUILD_INPUTS,
  'images',
  ...BUILT_SCAN_INPUTS,
  'policy',
  'upload-sarif',
  'pr-comment',
  'open-issue',
  'push',
  'unprotected-refs',
  'org-check-token',
  'sign',
  'move-tags',
  'sign-scope',
  ...SIGNING_INPUTS,
  'certificate-oidc-issuer',
  'report',
  'trends',
  'registry-auth',
  'github-token',
  'dry-run',
] as const;

export type PipelineContext = ActionContext<(typeof INPUTS)[number]>;

/** What holds for all images of a run. */
export interface RunInputs extends BuiltScanInputs {
  /** A family of images, or the path of a file that has one. */
  readonly images: string | undefined;
  readonly shared: SharedBuildInputs;
  readonly uploadSarif: boolean;
  readonly prComment: boolean;
  readonly openIssue: boolean;
  readonly push: boolean;
  readonly unprotectedRefs: UnprotectedRefs;
  readonly orgCheckToken: string | undefined;
  readonly sign: boolean;
  /** Whether the moving tags are written here, or by the `sign` action of a later job. */
  readonly moveTags: boolean;
  readonly signScope: Scope;
  readonly signing: SigningInputs;
  readonly issuer: string | undefined;
  /** A page of its own beside the job summary. */
  readonly page: boolean;
  /** Compare with the releases and runs before; nothing is asked for it unless somebody wants to see it. */
  readonly trends: boolean;
  readonly dryRun: boolean;
}

/** What holds for one image. */
export interface PipelineInputs extends RunInputs {
  readonly build: BuildInputs;
}

/** To be asked first: what is about one image must not be done in place of a family. @throws PlimsollError `input-conflict` */
export function refuseTwoAims({ inputs }: PipelineContext): void {
  if (inputs.text('images') !== undefined) refuseInputsOfOne(inputs);
}

/** @throws PlimsollError `input-*`, `reference-invalid` */
export function readRunInputs(context: PipelineContext): RunInputs {
  const { inputs, github } = context;
  const page = inputs.choice('report', ['summary', 'html'], 'summary') === 'html';
  const images = inputs.text('images');
  const shared = images === undefined ? readBuildInputs(inputs, context) : readSharedInputs(inputs, context);
  noticeIdleMerge(shared.mode, context);
  return Object.freeze({
    images,
    shared,
    ...readBuiltScanInputs(inputs, github),
    uploadSarif: inputs.boolean('upload-sarif'),
    prComment: inputs.boolean('pr-comment'),
    openIssue: inputs.boolean('open-issue'),
    push: readPush(context, { fallback: 'auto', leftOut: 'publication, signature, verification and tags' }),
    unprotectedRefs: inputs.choice('unprotected-refs', UNPROTECTED_REFS, 'allow'),
    orgCheckToken: inputs.secret('org-check-token'),
    sign: inputs.boolean('sign', true),
    moveTags: inputs.boolean('move-tags', true),
    signScope: inputs.choice('sign-scope', SCOPES, DEFAULT_SCOPE),
    signing: readSigningInputs(inputs, context),
    issuer: inputs.text('certificate-oidc-issuer'),
    page,
    trends: inputs.boolean('trends', page),
    dryRun: inputs.boolean('dry-run'),
  });
}

/** The images of a run; one that is none of a family has the name `image`. @throws PlimsollError `family-invalid`, `input-*` */
export async function readBuilds(
  { images, shared }: RunInputs,
  context: PipelineContext,
): Promise<readonly FamilyBuild[]> {
  const { inputs, github } = context;
  if (images === undefined) return [{ name: 'image', needs: [], build: readBuildInputs(inputs, context) }];
  return readFamily(images, shared, { github, tools: toolPorts(context) });
}

/**
 * What the verification at the end asks for must be made at the beginning.
 * @throws PlimsollError `input-conflict`
 */
export function refuseMissingEvidence({ shared: { options }, push, sign }: RunInputs, required: readonly string[]) {
  if (!push || !sign) return;
  const off = [
    ...(options.provenance === 'off' && required.includes(PREDICATE_TYPES.slsaprovenance1) ? ['provenance: off'] : []),
    ...(options.sbom === false && required.includes(PREDICATE_TYPES.spdx) ? ['sbom: false'] : []),
  ];
  if (off.length === 0) return;
  throw new PlimsollError('input-conflict', `The policy requires what "${off.join('" and "')}" leaves out`, {
    hint: 'Remove it from this step, or from "verify: required:" in the policy file.',
  });
}
