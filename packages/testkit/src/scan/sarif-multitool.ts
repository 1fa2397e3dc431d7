import { chmod, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { run } from '@plimsoll/core/runtime/exec';
import type * as sarif from 'sarif';

/**
 * What the SARIF Multitool (github.com/microsoft/sarif-sdk) has against a file, by the rules of the standard and by
 * those of GitHub.
 */
export async function sarifComplaints(file: string, directory: string): Promise<readonly string[]> {
  const tool = createRequire(import.meta.url)('@microsoft/sarif-multitool') as string;
  await chmod(tool, 0o755); // no install script has run that would do it
  const output = path.join(directory, 'multitool.sarif');
  const args = ['validate', file, '--rule-kind', 'Sarif;Ghas', '--output', output, '--log', 'ForceOverwrite'];
  const env = { PATH: '/usr/bin:/bin', HOME: directory, TMPDIR: directory };
  await run(tool, args, { env: { ...env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1' }, timeoutMs: 100_000 });
  const { runs } = JSON.parse(await readFile(output, 'utf8')) as sarif.Log;
  return runs.flatMap(({ results = [] }) =>
    results.map(({ ruleId, message }) => `${ruleId}: ${JSON.stringify(message)}`),
  );
}
