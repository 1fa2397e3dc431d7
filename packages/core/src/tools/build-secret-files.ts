import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type BuildSecret, csv } from './build-options.ts';

/**
 * Writes secrets where only this user reads them, and says so to buildx.
 * @param directory private to one build, and removed after it
 * @returns `--secret` arguments, with ids and paths and no value
 */
export async function secretArguments(secrets: readonly BuildSecret[], directory: string): Promise<readonly string[]> {
  const files = await Promise.all(
    secrets.map(async (secret, index) => {
      if ('file' in secret) return secret.file;
      const file = path.join(directory, `secret-${index}`);
      await writeFile(file, secret.value, { mode: 0o600, flag: 'wx' });
      return file;
    }),
  );
  return secrets.flatMap(({ id }, index) => ['--secret', csv([`id=${id}`, 'type=file', `src=${files[index]}`])]);
}
