import { writeFileSync } from 'node:fs';
import type { Lifetime } from '../lifetime.ts';

/** Fetches a PEM chain of a service into a file. */
export async function saveChain(lifetime: Lifetime, url: string, name: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const file = lifetime.file('sigstore', name);
  writeFileSync(file, await response.text());
  return file;
}
