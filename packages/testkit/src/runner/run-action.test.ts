import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { evaluate } from './action-file.ts';
import { parseAnnotations, parseMasks, visibleLog } from './annotations.ts';
import { parseCommandFile } from './command-file.ts';
import { runAction } from './run-action.ts';

test('reads outputs in both forms, and refuses what the runner refuses', () => {
  expect(parseCommandFile('a=1\nb<<END\nx=1\n\ny\nEND\nc=d=e\n')).toEqual({ a: '1', b: 'x=1\n\ny', c: 'd=e' });
  expect(() => parseCommandFile('b<<END\nx')).toThrow(/does not end/);
  expect(() => parseCommandFile('nothing')).toThrow(/refuse/);
});

test('reads annotations with their place, and masks', () => {
  const log = [
    '::error title=a%3Ab,file=src/a.ts,line=3::100%25 wrong%0Aand more',
    'plain ::error::not one',
    '::warning::careful',
    '::add-mask::secret',
    'the secret is out',
  ].join('\n');
  expect(parseAnnotations(log)).toEqual([
    { level: 'error', title: 'a:b', file: 'src/a.ts', line: 3, message: '100% wrong\nand more' },
    { level: 'warning', message: 'careful' },
  ]);
  expect(parseMasks(log)).toEqual(['secret']);
  expect(visibleLog(log)).toContain('the *** is out');
  expect(visibleLog(log)).not.toContain('secret');
});

test('evaluates the expressions of defaults, and no others', () => {
  expect(evaluate('a ${{ github.token }} b', { 'github.token': 't' })).toBe('a t b');
  expect(() => evaluate('${{ secrets.X }}', {})).toThrow(/secrets\.X/);
});

const directory = mkdtempSync(path.join(tmpdir(), 'plimsoll-run-action-'));
afterAll(() => rmSync(directory, { recursive: true }));

function script(name: string, text: string): string {
  const file = path.join(directory, `${name}.mjs`);
  writeFileSync(file, text);
  return file;
}

test('runs a script as the runner does, with declared defaults and without our own environment', async () => {
  process.env['PLIMSOLL_LEAK'] = 'leaked';
  const main = script(
    'step',
    `import fs from 'node:fs';
    const { env } = process;
    fs.appendFileSync(env.GITHUB_OUTPUT, ['image<<X', env.INPUT_IMAGE, 'X', 'created=' + env.INPUT_CREATED, ''].join('\\n'));
    fs.appendFileSync(env.GITHUB_STEP_SUMMARY, '# Done');
    fs.appendFileSync(env.GITHUB_STATE, 'key=1');
    const event = JSON.parse(fs.readFileSync(env.GITHUB_EVENT_PATH, 'utf8'));
    console.log(event.ref, process.version.split('.')[0], env.PLIMSOLL_LEAK, env.EXTRA);
    console.error('::error::no ship');
    process.exitCode = 3;`,
  );
  const inputs = { image: 'ghcr.io/acme/app' };
  const run = await runAction({ action: 'pipeline', inputs, main, env: { EXTRA: 'given' } });
  delete process.env['PLIMSOLL_LEAK'];
  expect(run).toMatchObject({
    exitCode: 3,
    outputs: { image: 'ghcr.io/acme/app', created: 'commit' },
    state: { key: '1' },
    summary: '# Done',
    annotations: [{ level: 'error', message: 'no ship' }],
  });
  expect(run.log).toContain('refs/heads/main v24 undefined given');
});

test('cancels as the runner does, with SIGINT first', async () => {
  const main = script(
    'waits',
    `process.on('SIGINT', () => { console.log('interrupted'); process.exit(130); });
    console.log('ready');
    setInterval(() => {}, 1000);`,
  );
  const cancel = new AbortController();
  const onOutput = (text: string) => {
    if (text.includes('ready')) cancel.abort();
  };
  const run = await runAction({ action: 'pipeline', main, signal: cancel.signal, onOutput });
  expect(run).toMatchObject({ exitCode: 130, log: 'ready\ninterrupted\n' });
});
