import type { ActionRun } from './run-action.ts';

/** The forms in which a credential crosses the wire or is written down. */
export function secretForms(username: string, password: string): readonly string[] {
  return [
    password,
    Buffer.from(password).toString('base64'),
    Buffer.from(`${username}:${password}`).toString('base64'),
  ];
}

/**
 * Where a step let a secret out: `log`, `summary`, `outputs`, `state` or `env`. The log is searched as the step wrote
 * it, because no runner's masking may be needed; only the commands that announce a mask may hold the value.
 */
export function leaksOf(run: ActionRun, secrets: readonly string[]): readonly string[] {
  const places = {
    log: run.log.replaceAll(/^::add-mask::.*$/gm, ''),
    summary: run.summary,
    outputs: JSON.stringify(run.outputs),
    state: JSON.stringify(run.state),
    env: JSON.stringify(run.env),
  };
  const wanted = secrets.filter((secret) => secret !== '');
  if (wanted.length === 0) throw new Error('there is no secret to look for');
  return Object.entries(places).flatMap(([place, text]) => (holds(text, wanted) ? [place] : []));
}

/** Identity tokens are secrets too, and nobody knows them beforehand. */
function holds(text: string, secrets: readonly string[]): boolean {
  return /eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/.test(text) || secrets.some((secret) => text.includes(secret));
}
