import type { PolicyChange } from '../github/policy-change.ts';
import { parsePolicy } from '../policy/load.ts';
import { isFailure } from '../runtime/errors.ts';
import type { ScanReport } from '../stages/scan/report.ts';
import { lineDiff } from './line-diff.ts';
import { code, codeBlock, escape, sections } from './markdown.ts';

/** Lines of a difference; the rest is in the pull request itself. */
const LONGEST = 120;

/** What a change does to the files that judge it, so that whoever reviews it sees that, and that it did not judge itself. */
export function policyChangeSection({ proposed: { changes, notes } }: Pick<ScanReport, 'proposed'>): string {
  const told = notes.map((note) => escape(note)).join(' ');
  if (changes.length === 0) return told;
  return sections(
    '### ⚖️ This change touches what judges it',
    'The default branch judged this run. After the merge this would hold:',
    ...changes.map(oneChange),
    told,
  );
}

function oneChange({ path, before, after }: PolicyChange): string {
  const what = before === undefined ? ' (new)' : after === undefined ? ' (removed)' : '';
  const lines = lineDiff(before ?? '', after ?? '');
  const shown = [...lines.slice(0, LONGEST), ...(lines.length > LONGEST ? ['… and more'] : [])].join('\n');
  return sections(`${code(path)}${what}${defectOf(path, after)}`, codeBlock(shown, 'diff'));
}

/** A policy that would stop every run after the merge is worth knowing before. */
function defectOf(path: string, text: string | undefined): string {
  if (text === undefined || !/plimsoll[^/]*\.ya?ml$/.test(path)) return '';
  try {
    parsePolicy(text, path);
    return '';
  } catch (error) {
    if (!isFailure(error)) throw error;
    return `: **not valid**, every run after the merge would fail: ${escape(error.message)}`;
  }
}
