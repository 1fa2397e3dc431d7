import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type RunOptions, run } from './exec.ts';
import type { PlimsollError } from './errors.ts';

const node = process.execPath;
const env = { PATH: process.env['PATH'] ?? '' };
const script = (text: string, options: Partial<RunOptions> = {}) => run(node, ['-e', text], { env, ...options });
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable('it did not fail'),
    (error: unknown) => error as PlimsollError,
  );

const throwing = () => {
  throw new Error('handler');
};

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'exec-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe('what a process gets and gives', () => {
  it('returns both streams and the exit code', async () => {
    const result = await script('console.log("out"); console.error("err")');
    expect(result).toMatchObject({ exitCode: 0, stdout: 'out\n', stderr: 'err\n', truncated: false });
  });

  it('passes nothing of this environment on', async () => {
    process.env['EXEC_TEST_LEAK'] = 'leak';
    const result = await script('console.log(process.env.EXEC_TEST_LEAK ?? "clean", process.env.GIVEN)', {
      env: { ...env, GIVEN: 'yes' },
    });
    delete process.env['EXEC_TEST_LEAK'];
    expect(result.stdout).toBe('clean yes\n');
  });

  it('never lets a shell see the arguments', async () => {
    const argument = '$(touch pwned); `id` "quoted" \n & |';
    const result = await run(node, ['-p', 'process.argv[1]', argument], { env, cwd: dir });
    expect(result.stdout).toBe(`${argument}\n`);
  });

  it('writes the input and closes it', async () => {
    const result = await script('process.stdin.pipe(process.stdout)', { input: 'hello' });
    expect(result.stdout).toBe('hello');
  });

  it('survives a process that ends without reading its input', async () => {
    await expect(script('process.exit(0)', { input: Buffer.alloc(4_000_000) })).resolves.toMatchObject({ exitCode: 0 });
  });

  it('hands lines on as they come, across chunks and characters, with and without a last line end', async () => {
    const lines: string[] = [];
    const text = `const b = Buffer.from('naïve\\r\\nsecond line'); const w = (i) => {
      if (i < b.length) process.stdout.write(b.subarray(i, i + 1), () => setImmediate(w, i + 1)); }; w(0);`;
    await script(text, { onLine: (line, stream) => lines.push(`${stream}: ${line}`) });
    expect(lines).toEqual(['stdout: naïve', 'stdout: second line']);
  });

  it('keeps the end of an output that is too long and says so', async () => {
    const result = await script('process.stdout.write("a".repeat(500000) + "END")', { captureLimit: 1000 });
    expect(result.stdout).toHaveLength(1000);
    expect(result.stdout.endsWith('aEND')).toBe(true);
    expect(result.truncated).toBe(true);
  });

  it('does not wait for a grandchild that keeps the pipe open', async () => {
    const result = await script(
      `const c = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
       console.log(c.pid); c.unref();`,
    );
    // Nobody may have collected it yet, so a zombie counts as ended.
    const state = () =>
      spawnSync('ps', ['-o', 'stat=', '-p', result.stdout.trim()], { encoding: 'utf8' }).stdout.trim();
    await vi.waitFor(() => expect(state()).toMatch(/^(Z.*)?$/));
  });
});

describe('failures', () => {
  it('names the tool, the exit code and the last line', async () => {
    const error = await failure(script('console.error("first\\nthe reason"); process.exit(3)'));
    expect(error).toMatchObject({ code: 'tool-failed' });
    expect(error.message).toBe(`${path.basename(node)} ended with exit code 3: the reason`);
    expect((error.cause as Error).message).toBe('first\nthe reason');
  });

  it('accepts exit codes that are answers', async () => {
    await expect(script('process.exit(3)', { acceptExitCodes: [0, 3] })).resolves.toMatchObject({ exitCode: 3 });
  });

  it('says when a signal ended it, whatever codes are accepted', async () => {
    const error = await failure(script('process.kill(process.pid, "SIGKILL")', { acceptExitCodes: [0, 137] }));
    expect(error).toMatchObject({ code: 'tool-failed' });
    expect(error.hint).toContain('memory');
  });

  it('caps what it repeats and leaves out arguments and secrets', async () => {
    const error = await failure(
      run(
        node,
        ['-e', 'console.error("x".repeat(100000) + " " + process.env.API_TOKEN); process.exit(1)', 'argument-1'],
        {
          env: { ...env, API_TOKEN: 's3cret-value' },
        },
      ),
    );
    const all = `${error.message} ${error.hint} ${(error.cause as Error).message}`;
    expect(all).not.toContain('s3cret-value');
    expect(all).not.toContain('argument-1');
    expect(all.length).toBeLessThan(6_000);
  });

  it('tells a full disk from other failures', async () => {
    const error = await failure(script('console.error("write /x: no space left on device"); process.exit(1)'));
    expect(error).toMatchObject({ code: 'disk-full' });
  });

  it('reports a missing program, one that is not executable and a missing directory', async () => {
    const plain = path.join(dir, 'plain');
    writeFileSync(plain, 'not a program', { mode: 0o644 });
    await expect(run(path.join(dir, 'absent'), [], { env })).rejects.toMatchObject({ code: 'tool-missing' });
    await expect(run(plain, [], { env })).rejects.toMatchObject({ code: 'tool-missing' });
    await expect(run(node, [], { env, cwd: path.join(dir, 'absent') })).rejects.toMatchObject({ code: 'tool-missing' });
  });

  it('reports an argument list that is too long', async () => {
    await expect(run(node, ['-e', '0', 'a'.repeat(4_000_000)], { env })).rejects.toMatchObject({ code: 'tool-failed' });
  });

  it('kills the process when a line handler throws', async () => {
    const forever = 'console.log(1); setInterval(() => {}, 1000)';
    await expect(script(forever, { onLine: throwing })).rejects.toThrow('handler');
  });
});
