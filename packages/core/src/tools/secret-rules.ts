import { writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Trivy's own list of what it passes over by name (pkg/fanal/secret/builtin-allow-rules.go). */
const PASSED_OVER =
  'dist-info tests examples vendor usr-dirs locale-dir markdown node.js golang python rubygems wordpress anaconda-log';

/** Writes trivy a configuration by which it looks for secrets everywhere. @returns its path */
export async function rulesForAll(dir: string): Promise<string> {
  const file = path.join(dir, 'secrets.yaml');
  await writeFile(file, JSON.stringify({ 'disable-allow-rules': PASSED_OVER.split(' ') }));
  return file;
}
