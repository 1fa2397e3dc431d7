import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { LIVE_VARIABLE } from '@plimsoll/core/github/live-channel';
import type { News } from '@plimsoll/core/runtime/log';
import type { ActionFile } from './action-file.ts';
import { actionEnvironment, type RunFolders } from './environment.ts';
import { type LocalRepository, readRepository } from './repository.ts';
import { type Annotation, showLine } from './terminal.ts';
import { UsageError } from './usage-error.ts';

const CANCELLED = 130;

/** The fourth stream of the action, beside the standard ones. */
const LIVE_DESCRIPTOR = 3;

export interface RunRequest {
  readonly action: ActionFile;
  readonly inputs: Readonly<Record<string, string>>;
  readonly verbose: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Where the log goes, line by line. */
  readonly log: (line: string) => void;
  /** Somebody watches a terminal: how far the action is. */
  readonly live?: ((news: News) => void) | undefined;
}

export interface FinishedAction {
  readonly exitCode: number;
  readonly outputs: Readonly<Record<string, string>>;
  readonly annotations: readonly Annotation[];
}

/** Runs the very bundle that the runner runs, with this machine's answers in place of GitHub's. */
export async function runAction(request: RunRequest): Promise<FinishedAction> {
  const { action, inputs, env, cwd } = request;
  if (!existsSync(action.bundle)) {
    throw new UsageError(`${action.bundle} is missing`, 'Run "npm run bundle" in the clone of Plimsoll.');
  }
  const repository = await readRepository(cwd);
  const folders = await makeFolders(cwd, repository);
  const listened = request.live === undefined ? {} : { [LIVE_VARIABLE]: String(LIVE_DESCRIPTOR) };
  const variables = { ...actionEnvironment({ action, inputs, repository, folders, env }), ...listened };
  const { exitCode, annotations } = await start(request, variables);
  return { exitCode, annotations, outputs: readOutputs(await readFile(folders.output, 'utf8')) };
}

/** Kept after the run: the outputs name files in it. */
async function makeFolders(workspace: string, { commit, committedAt }: LocalRepository): Promise<RunFolders> {
  const temp = await mkdtemp(path.join(tmpdir(), 'plimsoll-'));
  const folders = { workspace, temp, output: path.join(temp, 'outputs'), event: path.join(temp, 'event.json') };
  await writeFile(folders.output, '');
  await writeFile(folders.event, JSON.stringify({ head_commit: { id: commit, timestamp: committedAt } }));
  return folders;
}

function start(request: RunRequest, env: Record<string, string>): Promise<Omit<FinishedAction, 'outputs'>> {
  const { action, cwd, verbose, log, live } = request;
  const child = spawn(process.execPath, [action.bundle], { cwd, env, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const annotations: Annotation[] = [];
  const listen = (line: string) => {
    const { text, annotation } = showLine(line, verbose);
    if (annotation !== undefined) annotations.push(annotation);
    if (text !== undefined) log(text);
  };
  const [, stdout, stderr, news] = child.stdio.map((stream) => stream as Readable);
  const streams = [
    eachLine(stdout, listen),
    eachLine(stderr, listen),
    eachLine(news, (line) => live?.(JSON.parse(line) as News)),
  ];
  // A terminal tells both; this one waits until the action has cleaned up.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      Promise.all(streams).then(() => resolve({ exitCode: exitCodeOf(code, annotations), annotations }), reject);
    });
  });
}

/** A runner wants 1 of a step that was cancelled; a shell wants to know that it was (128 and the number of SIGINT). */
function exitCodeOf(code: number | null, annotations: readonly Annotation[]): number {
  const cancelled = annotations.some(({ kind, title }) => kind === 'error' && title === 'cancelled');
  return code === null || cancelled ? CANCELLED : code;
}

async function eachLine(stream: Readable | undefined, take: (line: string) => void): Promise<void> {
  if (stream === undefined) return;
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) take(line);
}

/** `name<<delimiter`, lines, delimiter: as core's `github/outputs.ts` writes them. */
export function readOutputs(text: string): Record<string, string> {
  const blocks = text.matchAll(/^(?<name>[\w-]+)<<(?<end>[\w-]+)\n(?<value>[\s\S]*?)\n?^\k<end>$/gm);
  return Object.fromEntries([...blocks].map(({ groups }) => [groups?.['name'] ?? '', groups?.['value'] ?? '']));
}
