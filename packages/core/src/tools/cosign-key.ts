import path from 'node:path';
import { environmentFor } from './environment.ts';

/** A URI goes to cosign as it is. */
export function keyFlag(key: string | undefined): string[] {
  if (key === undefined) return [];
  return ['--key', /^[a-z0-9]+:\/\//.test(key) ? key : path.resolve(key)];
}

/** The variable that holds a key, where one does. */
export function keyVariable(key: string | undefined): string | undefined {
  return /^env:\/\/(\w+)$/.exec(key ?? '')?.[1];
}

/** What cosign may see where a key signs: credentials of key services, the password, and the variable that holds the key. */
export function keyEnvironment(key: string, env: NodeJS.ProcessEnv): Record<string, string> {
  const name = keyVariable(key);
  const value = name === undefined ? undefined : env[name];
  // Without a password cosign asks the terminal for one.
  const given = { COSIGN_PASSWORD: '', ...environmentFor('cosign-key', env) };
  return name === undefined || value === undefined ? given : { ...given, [name]: value };
}
