import { lstat, readFile } from 'node:fs/promises';
import { join, posix, relative } from 'node:path';
import * as v from 'valibot';
import type { Digest } from '../../oci/digest.ts';
import { blobPath } from '../../oci/layout-files.ts';
import { DescriptorSchema } from '../../oci/manifest.ts';
import type { TrivyReport, TrivyResult } from '../../tools/trivy.ts';
import { filesInLayer, LARGEST_FILE } from './layer-files.ts';
import { configurationText, secretText, sketchOf, type TrivySecret } from './secret-sketch.ts';

const manifestSchema = v.looseObject({ config: DescriptorSchema, layers: v.array(DescriptorSchema) });

/** A report on a source tree whose secrets can be told apart, though trivy masks them. */
export function sketchTree(report: TrivyReport, directory: string): Promise<TrivyReport> {
  return sketched(report, async (secret, { Target: target }) => {
    const content = await readBelow(directory, target);
    return content === undefined ? undefined : secretText(content, secret);
  });
}

interface Image {
  readonly layoutDir: string;
  /** Of the platform's manifest. */
  readonly digest: Digest;
}

/** The same of a platform of an image; only the layers that secrets were found in are read. */
export async function sketchImage(report: TrivyReport, { layoutDir, digest }: Image): Promise<TrivyReport> {
  if (!(report.Results ?? []).some(({ Secrets: secrets = [] }) => secrets.length > 0)) return report;
  const readJson = async (of: Digest): Promise<unknown> => JSON.parse(await readFile(blobPath(layoutDir, of), 'utf8'));
  const { config, layers } = v.parse(manifestSchema, await readJson(digest));
  const contents = new Map<string, Promise<ReadonlyMap<string, string>>>();
  for (const [at, layer] of layers.entries()) {
    // Trivy names a layer by either.
    const names = [layer.digest, report.Metadata?.DiffIDs?.[at] ?? ''];
    const paths = pathsIn(report, names);
    if (paths.size === 0) continue;
    const read = filesInLayer({ blob: blobPath(layoutDir, layer.digest), mediaType: layer.mediaType }, paths);
    for (const name of names) contents.set(name, read);
    await read.catch(() => {}); // told below, one layer after the other
  }
  const settings = await readJson(config.digest);
  return sketched(report, async (secret, { Target: target }) => {
    if (target === report.ArtifactName) return configurationText(settings, secret);
    const content = (await contents.get(layerOf(secret)))?.get(absolute(target));
    return content === undefined ? undefined : secretText(content, secret);
  });
}

function pathsIn({ Results: results = [] }: TrivyReport, layers: readonly string[]): ReadonlySet<string> {
  const here = results.filter(({ Secrets: secrets = [] }) => secrets.some((each) => layers.includes(layerOf(each))));
  return new Set(here.map(({ Target: target }) => absolute(target)));
}

function layerOf({ Layer: layer }: TrivySecret): string {
  return layer?.Digest ?? layer?.DiffID ?? 'of none';
}

function absolute(target: string): string {
  return posix.normalize(`/${target}`);
}

type TextOf = (secret: TrivySecret, result: TrivyResult) => Promise<string | undefined>;

/** What cannot be read again is left as it is. */
async function sketched(report: TrivyReport, textOf: TextOf): Promise<TrivyReport> {
  const sketch = async (secret: TrivySecret, result: TrivyResult): Promise<TrivySecret> => {
    const text = await textOf(secret, result).catch(() => undefined);
    if (text === undefined) return secret;
    const path = result.Target === report.ArtifactName ? '' : absolute(result.Target);
    return { ...secret, Sketch: await sketchOf(text, { rule: secret.RuleID, path }) };
  };
  const results = await Promise.all(
    (report.Results ?? []).map(async (result) => {
      const { Secrets: secrets } = result;
      if (secrets === undefined) return result;
      return { ...result, Secrets: await Promise.all(secrets.map((each) => sketch(each, result))) };
    }),
  );
  return { ...report, Results: results };
}

async function readBelow(directory: string, target: string): Promise<string | undefined> {
  const file = join(directory, target);
  if (relative(directory, file).startsWith('..')) return undefined;
  const found = await lstat(file);
  return found.isFile() && found.size <= LARGEST_FILE ? readFile(file, 'utf8') : undefined;
}
