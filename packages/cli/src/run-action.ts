import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { ActionFile } from './action-file.ts';
import { actionEnvironment, type RunFolders } from './environment.ts';
import { type LocalRepository, readRepository } from './repository.ts';
import { type Annotation, showLine } from './terminal.ts';
import { UsageError } from './usage-error.ts';

export interface RunRequest {
  readonly action: ActionFile;
  readonly inputs: Readonly<Record<string, string>>;
  readonly verbose: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Where the log goes, line by line. */
  readonly log: (line: string) => void;
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
  const variables = actionEnvironment({ action, inputs, repository, folders, env });
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
  const { action, cwd, verbose, log } = request;
  const child = spawn(process.execPath, [action.bundle], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const annotations: Annotation[] = [];
  const listen = (line: string) => {
    const { text, annotation } = showLine(line, verbose);
    if (annotation !== undefined) annotations.push(annotation);
    if (text !== undefined) log(text);
  };
  const streams = [child.stdout, child.stderr].map(async (stream) => {
    for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) listen(line);
  });
  // A terminal tells both; this one waits until the action has cleaned up.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      Promise.all(streams).then(() => resolve({ exitCode: code ?? 130, annotations }), reject);
    });
  });
}

/** `name<<delimiter`, lines, delimiter: as core's `github/outputs.ts` writes them. */
export function readOutputs(text: string): Record<string, string> {
  const blocks = text.matchAll(/^(?<name>[\w-]+)<<(?<end>[\w-]+)\n(?<value>[\s\S]*?)\n?^\k<end>$/gm);
  return Object.fromEntries([...blocks].map(({ groups }) => [groups?.['name'] ?? '', groups?.['value'] ?? '']));
}
