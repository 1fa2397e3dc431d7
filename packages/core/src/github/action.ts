import path from 'node:path';
import { describeFailure } from '../report/failure.ts';
import { failureMarkdown } from '../report/failure-markdown.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log, Place } from '../runtime/log.ts';
import { Cancellation } from './cancellation.ts';
import { command, inert } from './commands.ts';
import { type GitHubContext, readContext } from './context.ts';
import { type ActionHost, type Environment, processHost } from './host.ts';
import { type Inputs, readInputs } from './inputs.ts';
import { LIVE_VARIABLE, liveChannel } from './live-channel.ts';
import { fileOutputs, type Outputs } from './outputs.ts';
import { RunnerLog } from './runner-log.ts';
import { Secrets } from './secrets.ts';
import { noState, runnerState, type State } from './state.ts';
import { createServices, type Services } from './services.ts';
import { fileSummary, type Summary } from './summary.ts';

/** Every input that action.yml declares, by name. */
export type InputSpec<Name extends string = string> = readonly Name[];

/** What an action is given; stages below receive only the parts that they need. */
export interface ActionContext<Name extends string = string> extends Services {
  readonly inputs: Inputs<Name>;
  readonly github: GitHubContext;
  readonly log: Log;
  readonly clock: Clock;
  /** Aborted when the job is cancelled. */
  readonly signal: AbortSignal;
  /** For the tools' allow-lists only: without our inputs and without the right to ask for an identity token. */
  readonly env: Environment;
  readonly secrets: Secrets;
  readonly outputs: Outputs;
  readonly summary: Summary;
  readonly state: State;
}

export interface ActionDefinition<Name extends string> {
  /** The name of its directory under `actions/`. */
  readonly action: string;
  readonly inputs: InputSpec<Name>;
  run(context: ActionContext<Name>): Promise<void>;
  /** Undoes at the end of the job what must not outlive it; action.yml names it as `post`. */
  post?(context: ActionContext<Name>): Promise<void>;
}

/**
 * Runs one action from its inputs to the exit of the process: 0, or 1 after any failure.
 * This is the one place where errors end.
 */
export async function runAction<const Name extends string>(
  definition: ActionDefinition<Name>,
  host: ActionHost = processHost,
): Promise<void> {
  const secrets = new Secrets((value) => host.sink.write(command('add-mask', value)));
  const log = new RunnerLog(host.sink, secrets, liveChannel(host.env[LIVE_VARIABLE]));
  const summary = fileSummary(host.env['GITHUB_STEP_SUMMARY'], { secrets, overflow: (text) => log.info(text) });
  const cancellation = new Cancellation(host.clock);
  const end = endOnce({ host, log, secrets, summary, action: definition.action });
  host.onSignal((signal) => cancellation.cancel(signal));
  host.onCrash((error) => end(cancellation.explain(error)));
  try {
    const { inputs, github } = readEdge(definition.inputs, host.env, secrets);
    const outputs = fileOutputs(host.env['GITHUB_OUTPUT'], { log, secrets });
    const { clock } = host;
    const { signal } = cancellation;
    const env = withoutOurs(host.env);
    const services = createServices({ inputs, github, env: host.env, secrets, clock, signal });
    const common = { ...services, inputs, github, log, clock, signal, env, secrets, outputs, summary };
    await cancellation.guard(inParts(definition, common, host.env));
    end();
  } catch (error) {
    end(cancellation.explain(error));
  }
}

/** The main part of an action, or its end; both in one where nobody will start the end. */
async function inParts<Name extends string>(
  definition: ActionDefinition<Name>,
  common: Omit<ActionContext<Name>, 'state'>,
  env: Environment,
): Promise<void> {
  if (definition.post === undefined) return definition.run({ ...common, state: noState });
  const context = { ...common, state: runnerState(env) };
  if (context.state.isPost) return definition.post(context);
  try {
    await definition.run(context);
  } finally {
    if (!context.state.hasPost) await definition.post(context);
  }
}

function readEdge<Name extends string>(names: readonly Name[], env: Environment, secrets: Secrets) {
  const inputs = readInputs(names, env, secrets);
  const tokenName = names.find((name) => name === 'github-token');
  const token = tokenName === undefined ? undefined : inputs.secret(tokenName);
  return { inputs, github: readContext(env, token) };
}

/** Tools get what their allow-list names, and that list can never name an input or the token endpoint. */
function withoutOurs(env: Environment): Environment {
  const ours = /^(?:INPUT_|STATE_|ACTIONS_ID_TOKEN_REQUEST_)/;
  return Object.freeze(Object.fromEntries(Object.entries(env).filter(([name]) => !ours.test(name))));
}

interface Ending {
  readonly host: ActionHost;
  readonly log: RunnerLog;
  readonly secrets: Secrets;
  readonly summary: Summary;
  readonly action: string;
}

/** Reports a failure, if any, and exits; only the first call counts. */
function endOnce({ host, log, secrets, summary, action }: Ending): (...failure: readonly [unknown?]) => void {
  let ended = false;
  return (...failure) => {
    if (ended) return;
    ended = true;
    if (failure.length === 0) {
      host.exit(0);
      return;
    }
    try {
      const text = describeFailure(failure[0]);
      log.annotate('error', text.message, { title: text.title, place: inWorkspace(text.place, host.env) });
      for (const line of text.lines) host.sink.write(inert(secrets.redact(line)));
      summary.append(failureMarkdown(action, text));
    } finally {
      // Also when the summary cannot be written: the failure has been printed by then.
      host.exit(1);
    }
  };
}

/** GitHub shows an annotation in the changed files only when its path is relative to the repository. */
function inWorkspace(place: Place | undefined, env: Environment): Place | undefined {
  const workspace = env['GITHUB_WORKSPACE'];
  if (place === undefined || !workspace || !path.isAbsolute(place.file)) return place;
  return { ...place, file: path.relative(workspace, place.file).replaceAll(path.sep, '/') };
}
