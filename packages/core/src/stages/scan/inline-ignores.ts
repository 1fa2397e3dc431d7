import { copyFile, link, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { walk } from './lockfiles.ts';

/**
 * Trivy obeys comments in the scanned files that switch its misconfiguration checks off, and has
 * no option against that. `tfsec:ignore` is the older spelling for Terraform.
 */
const MARKER = /\b(trivy|tfsec):ignore\b/g;
const CONFIGURATION =
  /(^|[./-])(dockerfile|containerfile)\b|\.(tf|tofu|hcl|tfvars|ya?ml|json|tpl|toml|template|bicep)$/i;
/** Bytes. Files of configuration are far smaller; larger ones are data. */
const LARGEST = 4 * 1024 * 1024;

/** Files with such a comment, relative to the directory, with forward slashes. */
export async function findInlineIgnores(directory: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const file of walk(directory, '')) {
    if (!CONFIGURATION.test(file)) continue;
    const whole = path.join(directory, file);
    if ((await stat(whole)).size > LARGEST) continue;
    if ((await readFile(whole, 'latin1')).match(MARKER) !== null) found.push(file);
  }
  return found;
}

/**
 * The same tree with those comments made powerless, so that nothing in the tree being judged can
 * loosen its own gate. Line and column of everything else stay as they are.
 */
export async function copyWithoutIgnores(directory: string, marked: readonly string[], copy: string): Promise<void> {
  await mkdir(copy, { recursive: true });
  for await (const file of walk(directory, '')) {
    const target = path.join(copy, file);
    await mkdir(path.dirname(target), { recursive: true });
    if (marked.includes(file)) await disarm(path.join(directory, file), target);
    else await linkOrCopy(path.join(directory, file), target);
  }
}

async function disarm(from: string, to: string): Promise<void> {
  const text = await readFile(from, 'latin1');
  await writeFile(
    to,
    text.replaceAll(MARKER, (marker) => marker.replace(':', '_')),
    'latin1',
  );
}

/** A link costs nothing; between two file systems it takes a copy. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to));
}
