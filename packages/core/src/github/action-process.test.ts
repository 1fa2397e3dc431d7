import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'process-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const ACTION = path.join(import.meta.dirname, 'action.ts');

/** Runs an action of which only `run` differs, as a process of its own. */
function start(run: string) {
  const file = path.join(dir, 'main.mjs');
  writeFileSync(
    file,
    `import { runAction } from ${JSON.stringify(ACTION)};
await runAction({ action: 'build', inputs: ['github-token'], run: async (context) => { ${run} } });`,
  );
  const env = {
    GITHUB_REPOSITORY: 'acme/app',
    GITHUB_SHA: 'a'.repeat(40),
    GITHUB_REF: 'refs/heads/main',
    GITHUB_EVENT_NAME: 'push',
    'INPUT_GITHUB-TOKEN': 'ghs_secret',
  };
  const child = spawn(process.execPath, ['--conditions=source', '--no-warnings', file], { env });
  const output: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => output.push(text));
  return { child, output, closed: once(child, 'close') as Promise<[number | null, string | null]> };
}

describe('an action as a process', () => {
  it('ends on SIGINT with 1 and says that it was cancelled', async () => {
    const { child, output, closed } = start(`
      const alive = setInterval(() => {}, 1000);
      context.log.info('ready');
      await new Promise((resolve, reject) => context.signal.addEventListener('abort', () => reject(context.signal.reason)));`);
    await expect.poll(() => output.join(''), { timeout: 10_000 }).toContain('ready');
    child.kill('SIGINT');
    expect(await closed).toEqual([1, null]);
    expect(output.join('')).toContain('::error title=Plimsoll cancelled::The run was cancelled (SIGINT)');
  });

  it('does not wait for what was left open', async () => {
    const { output, closed } = start(`setInterval(() => {}, 1000); context.outputs.set('digest', 'x');`);
    expect(await closed).toEqual([0, null]);
    expect(output.join('')).toContain('digest=x');
  });

  it('reports an error that nobody awaited, without secrets', async () => {
    const { output, closed } = start(`
      setTimeout(() => { throw new Error('lost ghs_secret'); }, 1);
      await new Promise(() => setInterval(() => {}, 1000));`);
    expect(await closed).toEqual([1, null]);
    const printed = output.join('').replace('::add-mask::ghs_secret', '');
    expect(printed).toContain('::error title=Plimsoll bug::Error: lost ***');
    expect(printed).not.toContain('ghs_secret');
  });
});
