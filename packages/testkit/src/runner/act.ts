import { execFile } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** The file that this repository ships for people who run its workflows: act reads it from the home directory. */
const SHIPPED = path.resolve(import.meta.dirname, '../../../../.actrc');

/** One workflow run through act, in host mode: real workflow files, real `uses:`, real jobs. */
export interface ActRequest {
  /** Path of the act binary. */
  readonly act: string;
  /** A git checkout with `.github/workflows`. */
  readonly repository: string;
  /** Empty directory for act's cache, home and temporary files. */
  readonly scratch: string;
  readonly event: string;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly workflow: string;
  /** `owner/repo@ref` to the directory that stands for it. */
  readonly repositories: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** The `vars` context. */
  readonly variables?: Readonly<Record<string, string>>;
}

export interface ActRun {
  readonly exitCode: number;
  /** By job id. A job that act skipped has no entry: assert on each one that must have run. */
  readonly jobs: Readonly<Record<string, string>>;
  /** By `job/step id`. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly summaries: readonly string[];
  readonly log: string;
}

interface ActLine {
  readonly jobID?: string;
  readonly jobResult?: string;
  readonly stepID?: readonly string[];
  readonly command?: string;
  readonly name?: string;
  readonly arg?: string;
  readonly content?: string;
  readonly msg?: string;
}

/** Runs `act --json` and reads its lines; never trusts its exit code alone (act skips unknown labels with 0). */
export async function runAct(request: ActRequest): Promise<ActRun> {
  const eventFile = path.join(request.scratch, 'event.json');
  await mkdir(path.join(request.scratch, 'home'), { recursive: true });
  await copyFile(SHIPPED, path.join(request.scratch, 'home', '.actrc'));
  await writeFile(eventFile, JSON.stringify(request.payload ?? {}));
  const { exitCode, stdout } = await spawnAct(request, [
    request.event,
    '--eventpath',
    eventFile,
    ...fixedFlags(request),
  ]);
  return readRun(exitCode, stdout);
}

function fixedFlags(request: ActRequest): string[] {
  const { repositories, env, secrets, scratch, variables = {} } = request;
  return [
    '--json',
    `--workflows=${request.workflow}`,
    `--action-cache-path=${path.join(scratch, 'actions')}`,
    ...Object.entries(repositories).map(([name, directory]) => `--local-repository=${name}=${directory}`),
    ...Object.entries(env).map(([name, value]) => `--env=${name}=${value}`),
    ...Object.entries(variables).map(([name, value]) => `--var=${name}=${value}`),
    // By name only: act reads the value from its environment, so that none shows in a process list.
    ...Object.keys(secrets).flatMap((name) => ['--secret', name]),
  ];
}

function spawnAct(request: ActRequest, args: readonly string[]): Promise<{ exitCode: number; stdout: string }> {
  const home = path.join(request.scratch, 'home');
  // act runs whatever `node` is first on PATH, whatever `using:` says.
  const search = [path.dirname(process.execPath), process.env['PATH']].join(path.delimiter);
  const env = { PATH: search, HOME: home, XDG_CACHE_HOME: path.join(home, 'cache'), ...request.secrets };
  const options = { cwd: request.repository, env, maxBuffer: 256 * 1024 * 1024 };
  return new Promise((resolve) => {
    execFile(request.act, args, options, (error, stdout) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ exitCode: code, stdout });
    });
  });
}

function readRun(exitCode: number, stdout: string): ActRun {
  const lines = stdout.split('\n').flatMap(parseLine);
  const jobs: Record<string, string> = {};
  const outputs: Record<string, Record<string, string>> = {};
  for (const line of lines) {
    if (line.jobID !== undefined && line.jobResult !== undefined) jobs[line.jobID] = line.jobResult;
    if (line.command !== 'set-output' || line.name === undefined) continue;
    const step = `${line.jobID}/${line.stepID?.join('/')}`;
    outputs[step] = { ...outputs[step], [line.name]: line.arg ?? '' };
  }
  const summaries = lines.filter((line) => line.command === 'summary').map((line) => line.content ?? '');
  return { exitCode, jobs, outputs, summaries, log: lines.map((line) => line.msg ?? '').join('\n') };
}

function parseLine(line: string): ActLine[] {
  try {
    return [JSON.parse(line) as ActLine];
  } catch {
    return [];
  }
}
