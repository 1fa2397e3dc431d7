import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PlimsollError } from '../runtime/errors.ts';
import type { BuildSecret } from '../tools/build-options.ts';
import type { Inputs, Masker } from './inputs.ts';

export const SECRET_INPUTS = ['secrets', 'secret-envs', 'secret-files'] as const;

const LARGEST_TEXT = 64 * 1024;

type SecretInput = (typeof SECRET_INPUTS)[number];

interface SecretSource {
  readonly inputs: Inputs<SecretInput>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What relative paths are relative to. */
  readonly workspace: string;
  readonly masker: Masker;
}

/**
 * The secrets of a build. Every one has a value: a missing one would make an image that is quietly different.
 *
 * @throws PlimsollError `input-invalid` for a secret that resolves to nothing or stands there twice; it never holds a value
 */
export function readBuildSecrets(source: SecretSource): readonly BuildSecret[] {
  const { inputs, env, workspace, masker } = source;
  const secretsOf = (input: SecretInput, lines: readonly string[]) => lines.map((line) => split(line, input));
  const texts = secretsOf('secrets', inputs.entries('secrets')).map(({ id, value = '' }) => ({ id, value }));
  const variables = secretsOf('secret-envs', inputs.list('secret-envs'));
  const files = secretsOf('secret-files', inputs.entries('secret-files'));
  const fromEnv = variables.map(({ id, value }) => ({ id, value: env[value ?? id] ?? '', name: value ?? id }));
  const secrets: readonly BuildSecret[] = [
    ...texts.map((secret) => filled('secrets', secret)),
    ...fromEnv.map(({ name, ...secret }) => filled('secret-envs', secret, `the variable ${name}`)),
    ...files.map(({ id, value }) => readable(id, path.resolve(workspace, value ?? ''), masker)),
  ];
  for (const secret of secrets) if ('value' in secret) masker.mask(secret.value);
  refuseRepeated(secrets);
  return secrets;
}

interface SecretLine {
  readonly id: string;
  readonly value: string | undefined;
}

/** The line is never quoted in an error: it may hold the secret. */
function split(line: string, input: SecretInput): SecretLine {
  const at = line.indexOf('=');
  const id = (at === -1 ? line : line.slice(0, at)).trim();
  const bare = at === -1 && input !== 'secret-envs';
  if (bare || !/^[A-Za-z0-9_.-]+$/.test(id)) throw invalid(input, 'has a line that does not begin with a name and "="');
  return { id, value: at === -1 ? undefined : line.slice(at + 1) };
}

/** Spaces and line ends alone are nothing, and masking them would hide parts of every log. */
function isBlank(value: string): boolean {
  return value.trim() === '';
}

function filled(input: SecretInput, secret: { id: string; value: string }, what = 'it'): BuildSecret {
  if (!isBlank(secret.value)) return secret;
  throw invalid(input, `has the secret "${secret.id}", and ${what} is empty`);
}

function readable(id: string, file: string, masker: Masker): BuildSecret {
  const content = readSecretFile(id, file);
  // Beyond this it is an archive or a key store, which no log shows in one piece.
  const text = content.length <= LARGEST_TEXT ? content.toString() : undefined;
  if (text !== undefined && isBlank(text))
    throw invalid('secret-files', `has the secret "${id}", and its file ${file} is empty`);
  if (text !== undefined) masker.mask(text);
  return { id, file };
}

function readSecretFile(id: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw invalid('secret-files', `has the secret "${id}", and its file ${file} cannot be read`, cause);
  }
}

function refuseRepeated(secrets: readonly BuildSecret[]): void {
  const ids = secrets.map(({ id }) => id);
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
  if (repeated !== undefined) throw invalid('secrets', `and its kin have the secret "${repeated}" twice`);
}

const HINTS: Readonly<Record<SecretInput, string>> = {
  secrets:
    'Write "name=${{ secrets.NAME }}" lines. An organisation or environment secret that this job may not read is empty.',
  'secret-envs': 'Write "name=VARIABLE" lines, and set VARIABLE under "env:" of this step.',
  'secret-files': 'Write "name=path" lines; paths are relative to the workspace.',
};

function invalid(input: SecretInput, why: string, cause?: unknown): PlimsollError {
  return new PlimsollError('input-invalid', `The input "${input}" ${why}`, { hint: HINTS[input], cause });
}
