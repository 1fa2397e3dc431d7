import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { type AttestedImage, pushAttestedImage } from '@plimsoll/testkit/evidence/attested-image';
import { codeOf, EvidenceWorld } from '@plimsoll/testkit/evidence/evidence-world';
import { FaultBoard } from '@plimsoll/testkit/faults/fault-board';
import { DEFAULT_SUBJECT } from '@plimsoll/testkit/world/identity';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const program = path.resolve(import.meta.dirname, '../../packages/cli/bin/plimsoll.mjs');
/** What takes a line back, so that the next drawing is in its place. */
const ERASE = '\r\u001b[K';

let bed: EvidenceWorld;
let built: AttestedImage;
let policy: string;

beforeAll(async () => {
  bed = await EvidenceWorld.start();
  built = await pushAttestedImage(bed.repository, 'terminal');
  const failed = codeOf(await bed.sign(built));
  if (failed !== undefined) throw new Error(failed);
  policy = path.join(bed.world.directory, 'terminal-policy.yml');
  const rules = `issuer: ${bed.world.sigstore.issuer}\n  identities: [${DEFAULT_SUBJECT}]\n  source-repository: acme/app`;
  writeFileSync(policy, `verify:\n  ${rules}\n`);
  // A registry far away: whatever is asked takes longer than a drawing.
  new FaultBoard(bed.world.quay.front).set('acme/terminal', async () => {
    await sleep(150);
    return undefined;
  });
});
afterAll(() => bed?.world.close());

interface Seen {
  readonly code: number;
  /** Everything that was written. */
  readonly text: string;
  /** What was in the last line, one after the other. */
  readonly drawings: readonly string[];
  /** What is left on the screen. */
  readonly lines: readonly string[];
}

type Terminal = { readonly columns?: number; readonly env?: Readonly<Record<string, string>> };

function promote(tag: string): readonly string[] {
  const { quay, sigstore } = bed.world;
  return [
    'promote',
    bed.at(built.digest),
    `--destination=${quay.host}/acme/terminal`,
    `--tags=${tag}`,
    `--policy=${policy}`,
    `--trusted-root=${sigstore.trustedRoot}`,
    '--source-repository=acme/app',
    `--dest-username=${quay.username}`,
  ];
}

/** Runs the command with all its streams on a pseudo-terminal of this width (util-linux, script(1)). */
function onTerminal(args: readonly string[], { columns = 80, env = {} }: Terminal = {}): Promise<Seen> {
  const quoted = [process.execPath, program, ...args].map((word) => `'${word}'`).join(' ');
  return run('script', ['-qec', `stty cols ${columns}; ${quoted}`, '/dev/null'], env);
}

function run(command: string, args: readonly string[], more: Readonly<Record<string, string>>): Promise<Seen> {
  const { quay, directory } = bed.world;
  const cwd = mkdtempSync(path.join(directory, 'terminal-'));
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: cwd,
    DOCKER_CONFIG: path.join(directory, 'consumer'),
    PLIMSOLL_INPUT_DEST_PASSWORD: quay.password,
    NODE_EXTRA_CA_CERTS: quay.caFile,
    TERM: 'xterm-256color',
    ...more,
  };
  return new Promise((resolve) => {
    execFile(command, args, { cwd, env }, (error, stdout, stderr) => {
      const text = stdout + stderr;
      const pieces = text.split(ERASE);
      const lines = text.split('\n').map((line) => stripVTControlCharacters(line.split(ERASE).at(-1) ?? '').trim());
      const drawings = pieces.filter((piece) => !piece.includes('\n')).map((piece) => stripVTControlCharacters(piece));
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, text, drawings, lines });
    });
  });
}

const SPINNER = /^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] /;

describe('on a terminal', () => {
  it('a bar says how far a transfer is, and the log stays above it', async () => {
    const { code, text, drawings, lines } = await onTerminal(promote('1.0.0'));
    expect(code, text).toBe(0);
    expect(drawings.filter((each) => each !== '')).toContainEqual(
      expect.stringMatching(/^. promote [█░]{8,30} \d+ % [\d.]+ k?B of [\d.]+ k?B/),
    );
    expect(lines.filter((line) => SPINNER.test(line))).toEqual([]);
    expect(Math.max(...drawings.map((each) => each.length))).toBeLessThan(80);
    expect(lines.join('\n')).toContain(`digest: ${built.digest}`);
    expect(text).toContain('\u001b[36m');
  });

  it.each([40, 20])('of %i columns no line is as long as that', async (columns) => {
    const { code, drawings, text } = await onTerminal(promote('1.0.0'), { columns });
    expect(code, text).toBe(0);
    const drawn = drawings.filter((each) => SPINNER.test(each));
    expect(drawn.length).toBeGreaterThan(2);
    expect(Math.max(...drawn.map((each) => each.length))).toBeLessThan(columns);
  });

  it('there is no colour where NO_COLOR says so', async () => {
    const { code, text, drawings } = await onTerminal(promote('1.0.0'), { env: { NO_COLOR: '1' } });
    expect(code, text).toBe(0);
    expect(drawings.filter((each) => SPINNER.test(each)).length).toBeGreaterThan(2);
    expect(text.replaceAll(ERASE, '')).not.toContain('\u001b');
  });

  it('a failure leaves its code as the last thing, and nothing of the line', async () => {
    const { code, lines } = await onTerminal([...promote('1.0.0'), '--verify-signature', 'perhaps']);
    expect(code).toBe(1);
    expect(lines.join('\n')).toMatch(/^error input-[a-z]+: /m);
    expect(lines.filter((line) => SPINNER.test(line))).toEqual([]);
  });
});

describe('where nothing can be drawn', () => {
  it.each([
    ['a pipe', undefined, {}],
    ['a terminal that is dumb', 80, { TERM: 'dumb' }],
    ['a job of another CI', 80, { CI: 'true' }],
  ])('there are plain lines: %s', async (_name, columns, env) => {
    const args = promote('1.0.0');
    const seen = columns
      ? await onTerminal(args, { columns, env })
      : await run(process.execPath, [program, ...args], env);
    expect(seen.code, seen.text).toBe(0);
    expect(seen.text).not.toContain('\u001b');
    expect(seen.lines.filter((line) => SPINNER.test(line))).toEqual([]);
    expect(seen.lines.join('\n')).toContain(`digest: ${built.digest}`);
  });
});
