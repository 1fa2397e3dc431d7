import path from 'node:path';
import { PlimsollError } from './errors.ts';

/** What is known about a process that ended badly. */
export interface Ending {
  readonly command: string;
  /** The exit code, or the signal that ended the process. */
  readonly outcome: number | NodeJS.Signals;
  readonly stderr: string;
  readonly env: Readonly<Record<string, string>>;
}

const TAIL_LINES = 12;
const TAIL_CHARACTERS = 2_000;
const SECRET_NAME = /TOKEN|SECRET|PASSWORD|PASSWD|PRIVATE|CREDENTIAL|API_?KEY/i;
const NO_SPACE = /no space left on device|disk quota exceeded|ENOSPC/i;

/** Replaces the values of secret-looking variables, because tools echo them in their own messages. */
export function withoutSecrets(text: string, env: Readonly<Record<string, string>>): string {
  let clean = text;
  for (const [name, value] of Object.entries(env)) {
    if (value.length >= 6 && SECRET_NAME.test(name)) clean = clean.replaceAll(value, '***');
  }
  return clean;
}

/** The last lines of an output that say something, oldest first, never more than 2000 characters. */
export function lastLines(text: string, count: number = TAIL_LINES): string[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines
    .slice(-count)
    .join('\n')
    .slice(-TAIL_CHARACTERS)
    .split('\n')
    .filter((line) => line !== '');
}

/** `tool-failed`, or `disk-full` when that is what the tool complains about. The arguments are never part of it. */
export function toolFailure(ending: Ending): PlimsollError {
  const tool = path.basename(ending.command);
  const tail = lastLines(withoutSecrets(ending.stderr, ending.env));
  const cause = tail.length === 0 ? undefined : new Error(tail.join('\n'));
  if (NO_SPACE.test(ending.stderr)) {
    return new PlimsollError('disk-full', `${tool} found no space left on the device`, {
      hint: 'Free disk space before this step, or set TMPDIR and the workspace to a larger disk.',
      cause,
    });
  }
  const how = typeof ending.outcome === 'number' ? `exit code ${ending.outcome}` : `signal ${ending.outcome}`;
  const last = tail.at(-1);
  return new PlimsollError('tool-failed', `${tool} ended with ${how}${last === undefined ? '' : `: ${last.trim()}`}`, {
    hint: hintFor(tool, ending.outcome),
    cause,
  });
}

function hintFor(tool: string, outcome: number | NodeJS.Signals): string {
  if (outcome === 'SIGKILL' || outcome === 137) {
    return `The system killed ${tool}, most often for want of memory: use a larger runner or fewer platforms at once.`;
  }
  return `Read the lines of ${tool} in the log above; the last of them are repeated with this error.`;
}
