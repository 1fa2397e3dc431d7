import { type ActionCommand, readActionFile } from './action-file.ts';
import { readArguments } from './arguments.ts';
import { actionHelp } from './help.ts';
import { readRepository } from './repository.ts';
import { canDraw, LiveScreen } from './live-screen.ts';
import { type FinishedAction, runAction, type RunRequest } from './run-action.ts';
import { print, say } from './streams.ts';

/** Runs one action. @returns the exit code */
export async function actionCommand(command: ActionCommand, args: readonly string[]): Promise<number> {
  const action = readActionFile(command);
  const { inputs, help, json, verbose } = readArguments(action, args);
  if (help) {
    print(actionHelp(action));
    return 0;
  }
  const named = ['images', 'images-matrix'].some((name) => inputs[name] !== undefined);
  const image = command === 'check' && !named ? await imageOf(process.cwd()) : {};
  const run = { action, inputs: { ...image, ...inputs }, verbose, env: process.env, cwd: process.cwd() };
  const { exitCode, outputs, annotations } = await watched(command, run);
  const errors = annotations.flatMap(({ kind, title, message }) =>
    kind === 'error' ? [{ code: title ?? null, message }] : [],
  );
  if (json) print(JSON.stringify({ command, ok: exitCode === 0, exitCode, outputs, errors }, undefined, 2));
  else for (const [name, value] of Object.entries(outputs)) if (value !== '') print(`${name}: ${indented(value)}`);
  return exitCode;
}

/** With a line that moves where there is a terminal to draw it on, and as plain lines everywhere else. */
async function watched(stage: string, run: Omit<RunRequest, 'log' | 'live'>): Promise<FinishedAction> {
  if (!canDraw(process.stderr, process.env)) return runAction({ ...run, log: say });
  const screen = new LiveScreen(process.stderr, { stage, env: process.env });
  try {
    return await runAction({ ...run, log: (line) => screen.say(line), live: (news) => screen.tell(news) });
  } finally {
    screen.end();
  }
}

/** The name that `plimsoll init` gives the image of this repository. */
async function imageOf(directory: string): Promise<Readonly<Record<string, string>>> {
  const { name } = await readRepository(directory);
  return name === undefined ? {} : { image: `ghcr.io/${name.toLowerCase()}` };
}

function indented(value: string): string {
  return value.includes('\n') ? value.replaceAll(/^/gm, '  ').replace(/^/, '\n') : value;
}
