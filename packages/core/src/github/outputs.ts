import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import type { Log } from '../runtime/log.ts';
import type { Secrets } from './secrets.ts';

/** What the action hands to later steps. Write JSON with `JSON.stringify` yourself. */
export interface Outputs {
  set(name: string, value: string | number | boolean): void;
}

/** Outputs in the file that `GITHUB_OUTPUT` names; without one (on a laptop) they are only printed. */
export function fileOutputs(file: string | undefined, { log, secrets }: { log: Log; secrets: Secrets }): Outputs {
  return {
    set: (name, value) => {
      const text = String(value);
      if (secrets.isIn(text)) log.warning(`The output "${name}" holds a masked value, so the runner will drop it`);
      if (file === undefined) log.info(`${name}=${text}`);
      else appendFileSync(file, fileCommand(name, text));
    },
  };
}

/** `name<<delimiter`: a random delimiter, so that no value can end the block and add outputs of its own. */
export function fileCommand(name: string, value: string): string {
  const delimiter = `plimsoll-${randomUUID()}`;
  return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
}
