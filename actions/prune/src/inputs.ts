import type { ActionContext } from '@plimsoll/core/github/action';
import { ghcrHost } from '@plimsoll/core/github/registry-auth';
import type { RepositoryName } from '@plimsoll/core/oci/reference';
import type { Guards } from '@plimsoll/core/policy/retention';
import { PlimsollError } from '@plimsoll/core/runtime/errors';
import { type ManifestCacheChoice, readManifestCache } from './manifest-cache.ts';
import { type Driver, readPackage } from './package-inputs.ts';

/** Every input that action.yml declares. */
export const INPUTS = [
  'package',
  'policy',
  'mode',
  'plan',
  'max-deletes',
  'max-percent',
  'min-survivors',
  'journal',
  'explain',
  'manifest-cache',
  'pr-comment',
  'clean-build-caches',
  'driver',
  'quay-token',
  'quay-expire-after',
  'registry-auth',
  'github-token',
] as const;

export type PruneContext = ActionContext<(typeof INPUTS)[number]>;

export interface PruneInputs {
  readonly repository: RepositoryName;
  readonly driver: Driver;
  readonly mode: 'plan' | 'apply' | 'restore';
  /** Path of a plan to apply. */
  readonly plan: string | undefined;
  /** Path of the journal of the run to undo; there with `mode: restore`, and only then. */
  readonly journal: string | undefined;
  /** Tags and digests to explain. */
  readonly explain: readonly string[];
  /** Whether a pull request is told the plan. */
  readonly comment: boolean;
  /** Whether what closed pull requests left in build caches goes too. */
  readonly cleanBuildCaches: boolean;
  readonly manifestCache: ManifestCacheChoice;
  /** Over what the policy says. */
  readonly guards: Partial<Guards>;
}

/** @throws PlimsollError `input-*`, `reference-invalid` */
export function readPruneInputs({ inputs, github, env }: PruneContext): PruneInputs {
  const mode = inputs.choice('mode', ['plan', 'apply', 'restore']);
  const plan = inputs.text('plan');
  const journal = inputs.text('journal');
  const cleanBuildCaches = inputs.boolean('clean-build-caches');
  refuseConflicts(mode, { plan, journal, cleanBuildCaches });
  const maxDeletes = wholeNumber('max-deletes', inputs.text('max-deletes'));
  const maxPercent = wholeNumber('max-percent', inputs.text('max-percent'), 100);
  const minSurvivors = wholeNumber('min-survivors', inputs.text('min-survivors'));
  const named = readPackage(inputs, ghcrHost(github.serverUrl, env));
  return Object.freeze({
    ...named,
    mode,
    plan,
    journal,
    explain: inputs.list('explain'),
    comment: inputs.boolean('pr-comment'),
    cleanBuildCaches,
    manifestCache: readManifestCache(inputs.text('manifest-cache'), named.repository),
    guards: {
      ...(maxDeletes !== undefined && { maxDeletes }),
      ...(maxPercent !== undefined && { maxPercent }),
      ...(minSurvivors !== undefined && { minSurvivors }),
    },
  });
}

function refuseConflicts(
  mode: PruneInputs['mode'],
  { plan, journal, cleanBuildCaches }: Pick<PruneInputs, 'plan' | 'journal' | 'cleanBuildCaches'>,
): void {
  if (plan !== undefined && mode !== 'apply') {
    throw new PlimsollError('input-conflict', 'A plan was given, but nothing is to be applied', {
      hint: 'Write "mode: apply" to apply the plan, or leave "plan:" out to make a new one.',
    });
  }
  if (journal !== undefined && mode !== 'restore') {
    throw new PlimsollError('input-conflict', 'A journal was given, but nothing is to be restored', {
      hint: 'Write "mode: restore" to undo the run of that journal, or leave "journal:" out.',
    });
  }
  if (cleanBuildCaches && mode === 'restore') {
    throw new PlimsollError('input-conflict', 'Build caches cannot be restored, and none are cleaned while restoring', {
      hint: 'Leave "clean-build-caches:" out, or write "mode: plan" or "mode: apply".',
    });
  }
  if (journal === undefined && mode === 'restore') {
    throw new PlimsollError('input-missing', 'To restore, the journal of the run to undo is needed', {
      hint: 'Write "journal:" with the path that the output "journal" of that run had.',
    });
  }
}

function wholeNumber(name: string, text: string | undefined, most = Number.MAX_SAFE_INTEGER): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text) && Number(text) <= most) return Number(text);
  throw new PlimsollError('input-invalid', `The input "${name}" has "${text.slice(0, 50)}", which is not allowed`, {
    hint: `Write a whole number${most < Number.MAX_SAFE_INTEGER ? ` from 0 to ${most}` : ''}, such as "${name}: 50".`,
  });
}
