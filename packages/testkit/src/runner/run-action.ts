import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DEFAULT_IDENTITY, pushEvent } from '../world/identity.ts';
import { Lifetime } from '../world/lifetime.ts';
import { evaluate, readActionFile } from './action-file.ts';
import { type Annotation, parseAnnotations, parseMasks, visibleLog } from './annotations.ts';
import { parseCommandFile } from './command-file.ts';
import { runnerEnvironment, type StepFolders } from './environment.ts';
import { nodeForActions } from './node.ts';
import { runStep } from './step-process.ts';

/** What a step may know of the world it runs in. */
export interface RunnerWorld {
  readonly directory: string;
  /** Variables beside the runner's own. */
  readonly env: Readonly<Record<string, string>>;
  /** `github.token`. */
  readonly token: string;
}

export interface ActionRequest {
  /** Name below `actions/`, or `pipeline` for the root action. */
  readonly action: string;
  /** As written under `with:`; the defaults of action.yml are added. */
  readonly inputs?: Readonly<Record<string, string>>;
  readonly world?: RunnerWorld | undefined;
  /** The payload; a push to the default branch unless given. */
  readonly event?: Readonly<Record<string, unknown>>;
  /** Over everything else; an empty value unsets. */
  readonly env?: Readonly<Record<string, string>>;
  /** The workspace; a fresh empty directory unless given. */
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  /** Sees the log as it grows. */
  readonly onOutput?: (text: string) => void;
  /** Runs another script in place of the action's, with everything else as for the action. */
  readonly main?: string;
}

export interface ActionRun {
  readonly exitCode: number;
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  /** What the step set for later steps. */
  readonly env: Readonly<Record<string, string>>;
  /** Markdown. */
  readonly summary: string;
  readonly annotations: readonly Annotation[];
  readonly masks: readonly string[];
  /** Both streams, as the step wrote them. */
  readonly log: string;
  /** The same as a person sees it: masked, and without the commands for the runner. */
  readonly shown: string;
  /** The job's `RUNNER_TEMP`. */
  readonly temp: string;
  readonly milliseconds: number;
}

/**
 * Runs an action's bundle as the runner would: Node 24, inputs, files and nothing else of this process's environment,
 * but for NODE_COMPILE_CACHE, with which tests have each bundle compiled once and not a thousand times.
 */
export async function runAction(request: ActionRequest): Promise<ActionRun> {
  const action = readActionFile(request.action);
  const folders = makeFolders(request);
  writeFileSync(folders.files.event, JSON.stringify(request.event ?? pushEvent()));
  const started = performance.now();
  const { exitCode, log } = await runStep({
    command: nodeForActions(),
    args: [bundleOf(request, action.main)],
    cwd: folders.workspace,
    env: environmentOf(request, action.defaults, folders),
    signal: request.signal,
    onOutput: request.onOutput,
  });
  const milliseconds = performance.now() - started;
  const read = (name: keyof StepFolders['files']) => readFileSync(folders.files[name], 'utf8');
  return {
    exitCode,
    outputs: parseCommandFile(read('output')),
    state: parseCommandFile(read('state')),
    env: parseCommandFile(read('env')),
    summary: read('summary'),
    annotations: parseAnnotations(log),
    masks: parseMasks(log),
    log,
    shown: visibleLog(log),
    temp: folders.temp,
    milliseconds,
  };
}

function bundleOf(request: ActionRequest, declared: string): string {
  const main = request.main ?? declared;
  if (existsSync(main)) return main;
  throw new Error(`${main} is missing: run "npm run bundle"`);
}

function environmentOf(
  request: ActionRequest,
  defaults: Readonly<Record<string, string>>,
  folders: StepFolders,
): Record<string, string> {
  const runner = runnerEnvironment(folders, process.env['PATH'] ?? '');
  const compiled = { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '' };
  const variables: Record<string, string> = { ...runner, ...compiled, ...request.world?.env, ...request.env };
  const contexts = {
    'github.token': request.world?.token ?? 'ghs_none',
    'github.workspace': folders.workspace,
    'github.repository': variables['GITHUB_REPOSITORY'] ?? '',
    'github.sha': variables['GITHUB_SHA'] ?? '',
    'github.actor': variables['GITHUB_ACTOR'] ?? '',
    'github.ref': variables['GITHUB_REF'] ?? '',
    'job.workflow_ref': DEFAULT_IDENTITY.workflowRef,
  };
  const inputs = Object.entries({
    ...mapValues(defaults, (text) => evaluate(text, contexts)),
    ...request.inputs,
  }).map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value] as const);
  const all = Object.entries({ ...variables, ...Object.fromEntries(inputs) });
  // The runner sets inputs without a value to the empty string; a variable with none is not there.
  return Object.fromEntries(all.filter(([name, value]) => value !== '' || name.startsWith('INPUT_')));
}

function makeFolders({ world, cwd }: ActionRequest): StepFolders {
  const base = world === undefined ? temporaryBase() : path.join(world.directory, 'runner');
  mkdirSync(base, { recursive: true });
  const step = mkdtempSync(path.join(base, 'step-'));
  const names = ['output', 'state', 'env', 'path', 'summary', 'event', 'artifacts'] as const;
  const files = Object.fromEntries(names.map((name) => [name, path.join(step, name)])) as StepFolders['files'];
  for (const file of Object.values(files)) writeFileSync(file, '');
  return {
    workspace: cwd ?? folder(step, 'workspace'),
    temp: folder(base, 'temp'),
    toolCache: folder(base, 'tool-cache'),
    home: folder(base, 'home'),
    files,
  };
}

function folder(...names: readonly string[]): string {
  const made = path.join(...names);
  mkdirSync(made, { recursive: true });
  return made;
}

let own: Lifetime | undefined;

/** For steps without a world: one directory a process, gone when that ends. */
function temporaryBase(): string {
  own ??= new Lifetime();
  return own.folder('runner');
}

function mapValues(record: Readonly<Record<string, string>>, map: (value: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
