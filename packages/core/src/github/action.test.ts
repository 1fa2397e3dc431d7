import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PlimsollError } from '../runtime/errors.ts';
import { type ActionContext, type ActionDefinition, runAction } from './action.ts';
import type { ActionHost } from './host.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'action-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const NAMES = ['image', 'github-token', 'password'] as const;

/** A host that records, with a clock that only moves when the test says so. */
function startHost(env: Record<string, string> = {}) {
  const lines: string[] = [];
  const signals: ((signal: string) => void)[] = [];
  const crashes: ((error: unknown) => void)[] = [];
  const sleeps: { ms: number; wake: () => void }[] = [];
  const exits: number[] = [];
  const event = path.join(dir, 'event.json');
  writeFileSync(event, '{"repository":{"default_branch":"main"}}');
  const host: ActionHost = {
    env: {
      GITHUB_REPOSITORY: 'acme/app',
      GITHUB_SHA: 'a'.repeat(40),
      GITHUB_REF: 'refs/heads/main',
      GITHUB_EVENT_NAME: 'push',
      GITHUB_EVENT_PATH: event,
      GITHUB_OUTPUT: path.join(dir, 'output'),
      GITHUB_STEP_SUMMARY: path.join(dir, 'summary'),
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
      PATH: '/bin',
      ...env,
    },
    sink: { write: (line) => lines.push(line) },
    clock: {
      now: () => new Date(0),
      sleep: (ms) => new Promise((resolve) => sleeps.push({ ms, wake: resolve })),
    },
    onSignal: (listener) => signals.push(listener),
    onCrash: (listener) => crashes.push(listener),
    exit: (code) => exits.push(code),
  };
  return { host, lines, signals, crashes, sleeps, exits };
}

async function run(body: ActionDefinition<(typeof NAMES)[number]>['run'], env: Record<string, string> = {}) {
  const recorded = startHost(env);
  await runAction({ action: 'build', inputs: NAMES, run: body }, recorded.host);
  return { ...recorded, text: recorded.lines.join('\n') };
}

describe('runAction', () => {
  it('gives the context and exits with 0', async () => {
    let seen: ActionContext | undefined;
    const { exits } = await run(
      async (context) => {
        seen = context;
        context.outputs.set('digest', 'sha256:1');
        context.summary.append('# Done');
      },
      { INPUT_IMAGE: 'x' },
    );
    expect(exits).toEqual([0]);
    expect(seen?.inputs.text('image')).toBe('x');
    expect(seen?.github.defaultBranch).toBe('main');
    expect(readFileSync(path.join(dir, 'output'), 'utf8')).toMatch(/^digest<<(\S+)\nsha256:1\n\1\n$/);
    expect(readFileSync(path.join(dir, 'summary'), 'utf8')).toBe('# Done\n\n');
  });

  it('keeps inputs and the identity token endpoint away from tools', async () => {
    let env: object = {};
    await run(async (context) => void (env = context.env), { INPUT_PASSWORD: 'x' });
    expect(env).toHaveProperty('PATH', '/bin');
    expect(env).not.toHaveProperty('INPUT_PASSWORD');
    expect(env).not.toHaveProperty('ACTIONS_ID_TOKEN_REQUEST_TOKEN');
  });

  it('reports an expected failure without a stack: title, hint, causes, page', async () => {
    const { exits, lines, text } = await run(async () => {
      const cause = new Error('connect ECONNREFUSED', { cause: new Error('socket') });
      throw new PlimsollError('registry-unreachable', 'No answer', { hint: 'Check the host.', cause });
    });
    expect(exits).toEqual([1]);
    expect(lines).toEqual([
      '::error title=Plimsoll registry-unreachable::No answer',
      'hint: Check the host.',
      'cause: connect ECONNREFUSED',
      'cause: socket',
      expect.stringMatching(/troubleshooting\.md#registry-unreachable$/),
    ]);
    expect(text).not.toContain('    at ');
    expect(readFileSync(path.join(dir, 'summary'), 'utf8')).toContain('hint: Check the host.');
  });

  it('reports a bug with its stack and where to report it', async () => {
    const { exits, text } = await run(async () => {
      throw new TypeError('x is not a function');
    });
    expect(exits).toEqual([1]);
    expect(text).toContain('::error title=Plimsoll bug::TypeError: x is not a function');
    expect(text).toContain('action.test.ts');
    expect(text).toContain('/issues/new');
  });

  it('strikes secrets out of failures, also where nothing masks', async () => {
    const { lines } = await run(
      async (context) => {
        context.secrets.mask('hunter2!');
        throw new PlimsollError('registry-denied', 'ghs_abcdef refused', {
          hint: 'not hunter2!',
          cause: new Error('hunter2!\nghs_abcdef'),
        });
      },
      { 'INPUT_GITHUB-TOKEN': 'ghs_abcdef' },
    );
    const printed = lines.filter((line) => !line.startsWith('::add-mask::')).join('\n');
    expect(lines.filter((line) => line.startsWith('::add-mask::'))).toHaveLength(2);
    expect(printed).not.toMatch(/hunter2|ghs_abcdef/);
    expect(readFileSync(path.join(dir, 'summary'), 'utf8')).not.toMatch(/hunter2|ghs_abcdef/);
  });

  it.each([
    ['input-unknown', { INPUT_IMAGES: 'x' }],
    ['event-invalid', { GITHUB_EVENT_PATH: '/nowhere/event.json' }],
    ['event-invalid', { GITHUB_REPOSITORY: '' }],
  ])('ends with %s before anything runs', async (code, env) => {
    let ran = false;
    const { exits, text } = await run(async () => void (ran = true), env);
    expect(ran).toBe(false);
    expect(exits).toEqual([1]);
    expect(text).toContain(`title=Plimsoll ${code}`);
  });

  it('aborts on a signal and reports the cancellation, not its echo', async () => {
    const { host, signals, exits, lines } = startHost();
    const running = runAction(
      {
        action: 'build',
        inputs: NAMES,
        run: ({ signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(new Error('socket closed')));
          }),
      },
      host,
    );
    signals[0]?.('SIGINT');
    await running;
    expect(exits).toEqual([1]);
    expect(lines[0]).toBe('::error title=Plimsoll cancelled::The run was cancelled (SIGINT)');
  });

  it('does not wait for work that ignores the signal longer than seven seconds', async () => {
    const { host, signals, sleeps, exits, lines } = startHost();
    const running = runAction({ action: 'build', inputs: NAMES, run: () => new Promise(() => {}) }, host);
    signals[0]?.('SIGTERM');
    await expect.poll(() => sleeps.map(({ ms }) => ms)).toEqual([7000]);
    expect(exits).toEqual([]);
    sleeps[0]?.wake();
    await running;
    expect(exits).toEqual([1]);
    expect(lines[0]).toContain('Plimsoll cancelled');
  });

  it('exits also when the summary cannot be written', async () => {
    const { host, exits, lines } = startHost({ GITHUB_STEP_SUMMARY: path.join(dir, 'no', 'such', 'folder') });
    const failing = runAction({ action: 'build', inputs: NAMES, run: () => Promise.reject(new Error('no')) }, host);
    await failing.catch(() => {});
    expect(exits).toEqual([1]);
    expect(lines[0]).toContain('Plimsoll bug');
  });

  it('reports what nobody awaited, once', async () => {
    const { host, crashes, exits, lines } = startHost();
    const running = runAction({ action: 'build', inputs: NAMES, run: () => Promise.resolve() }, host);
    crashes[0]?.(new Error('lost'));
    await running;
    expect(exits).toEqual([1]);
    expect(lines[0]).toContain('Plimsoll bug');
  });
});
