import type { ActionContext } from '@plimsoll/core/github/action';
import { BUILD_INPUTS, type BuildInputs, readBuildInputs } from '@plimsoll/core/github/build-inputs';
import { noticeIdleMerge } from '@plimsoll/core/github/idle-merge';
import { RELEASE_INPUTS } from '@plimsoll/core/github/release-version';
import { readPush } from '@plimsoll/core/github/push-input';
import { PlimsollError } from '@plimsoll/core/runtime/errors';
import {
  BUILT_SCAN_INPUTS,
  type BuiltScanInputs,
  readBuiltScanInputs,
} from '@plimsoll/core/stages/scan/built-scan-inputs';

/** Every input that action.yml declares. */
export const INPUTS = [
  ...BUILD_INPUTS,
  ...RELEASE_INPUTS,
  'policy',
  'scan',
  ...BUILT_SCAN_INPUTS,
  'push',
  'tag-now',
  'trusted-root',
  'certificate-oidc-issuer',
  'registry-auth',
  'github-token',
  'dry-run',
] as const;

export type BuildContext = ActionContext<(typeof INPUTS)[number]>;

export interface BuildActionInputs {
  readonly build: BuildInputs;
  /** How it is scanned before it is uploaded; absent where another step does that. */
  readonly scan: BuiltScanInputs | undefined;
  readonly push: boolean;
  /** Write the tags with the upload, without waiting for a signature. */
  readonly tagNow: boolean;
  /** Path. */
  readonly trustedRoot: string | undefined;
  readonly issuer: string | undefined;
  readonly dryRun: boolean;
}

/** @throws PlimsollError `input-*`, `reference-invalid` */
export function readBuildActionInputs(context: BuildContext): BuildActionInputs {
  const { inputs } = context;
  const build = readBuildInputs(inputs, context);
  const fallback = build.mode === 'single' ? 'false' : 'auto';
  const push = readPush(context, { fallback, leftOut: 'the upload to the registry' });
  noticeIdleMerge(build.mode, context);
  return Object.freeze({
    build,
    scan: readScan(build.mode, context),
    push,
    tagNow: readTagNow(context, build.mode, fallback),
    trustedRoot: inputs.text('trusted-root'),
    issuer: inputs.text('certificate-oidc-issuer'),
    dryRun: inputs.boolean('dry-run'),
  });
}

/** Tags are written with an upload, and for an image; `auto` may find that there is none today. */
function readTagNow({ inputs }: BuildContext, mode: BuildInputs['mode'], fallback: 'auto' | 'false'): boolean {
  if (!inputs.boolean('tag-now')) return false;
  const pushes = (inputs.text('push') ?? fallback) !== 'false';
  if (pushes && mode !== 'shard') return true;
  const why = pushes ? 'a shard is a part that nobody tags' : 'nothing is uploaded';
  throw new PlimsollError('input-conflict', `"tag-now" writes tags with the upload, and ${why}`, {
    hint: pushes
      ? 'Write "tag-now: true" in the job with "mode: merge" alone.'
      : 'Write "push: auto" beside it, or remove "tag-now".',
  });
}

/** A part is uploaded before there is an image that another job could scan. */
function readScan(mode: BuildInputs['mode'], { inputs, github }: BuildContext): BuiltScanInputs | undefined {
  const choice = inputs.choice('scan', ['auto', 'true', 'false'], 'auto');
  if (choice === 'true' || (choice === 'auto' && mode === 'shard')) return readBuiltScanInputs(inputs, github);
  // With defaults that are not empty, so nobody has to have said anything.
  const usual: Partial<Record<string, string>> = {
    source: github.workspace,
    'enable-osv': 'true',
    'enable-trivy-source': 'true',
  };
  const said = BUILT_SCAN_INPUTS.find((name) => {
    const text = inputs.text(name);
    return text !== undefined && text !== usual[name] && text.toLowerCase() !== usual[name];
  });
  if (said === undefined) return undefined;
  throw new PlimsollError('input-conflict', `The input "${said}" is about a scan, and this step does not scan`, {
    hint: `Write "scan: true", or remove "${said}:" here and write it at the step that scans.`,
  });
}
