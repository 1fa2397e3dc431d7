import type { PlimsollError } from '@plimsoll/core/runtime/errors';

/** What was asked for. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** What a person may want to know meanwhile. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** An expected failure of a command that is no action: for people, and for programs where they asked. @returns the exit code */
export function failed({ code, message, hint }: PlimsollError, json: boolean): number {
  if (json) print(JSON.stringify({ ok: false, errors: [{ code, message }] }, undefined, 2));
  say(`error ${code}: ${message}\n${hint}`);
  return 1;
}
