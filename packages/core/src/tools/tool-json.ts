import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { PlimsollError } from '../runtime/errors.ts';

/** What a Go program writes as `null` it means as absent. */
const withoutNull = (_key: string, value: unknown): unknown => value ?? undefined;

/**
 * Reads a report that a tool wrote, and keeps only what the schema names.
 *
 * @returns `undefined` when the file does not exist
 * @throws PlimsollError `tool-output-invalid`
 */
export async function readToolJson<S extends v.GenericSchema>(
  tool: string,
  file: string,
  schema: S,
): Promise<v.InferOutput<S> | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return v.parse(schema, JSON.parse(text, withoutNull));
  } catch (cause) {
    throw new PlimsollError('tool-output-invalid', `The report of ${tool} cannot be understood: ${reason(cause)}`, {
      hint: `Use the version of ${tool} that the catalog pins; another one may write another format.`,
      cause,
    });
  }
}

function reason(cause: unknown): string {
  if (!v.isValiError(cause)) return 'it is not JSON';
  const issue = cause.issues[0];
  return `${v.getDotPath(issue) ?? 'it'}: ${issue.message}`;
}
