import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ContentSource } from '../../oci/content.ts';
import { type Digest, digestOf } from '../../oci/digest.ts';
import { parseManifest } from '../../oci/manifest.ts';
import { mapConcurrently } from '../../runtime/concurrent.ts';
import { isFailure, PlimsollError } from '../../runtime/errors.ts';
import { parseVerdict, readVerdict, type Verdict } from '../scan/verdict.ts';
import { PREDICATE_TYPES } from '../../sigstore/predicates.ts';
import type { ImageShape } from '../verify/image.ts';
import { readBlob } from '../verify/read-blob.ts';
import { isOfSecrets, verdictGap } from '../verify/verdicts.ts';

/** Where the scan's answer comes from. */
export type VerdictSource =
  /** A file that the scan of this job wrote; its predicates lie beside it. */
  | { readonly kind: 'file'; readonly path: string }
  /** A referrer that the scan of another job attached; its digest came through that job's outputs. */
  | { readonly kind: 'referrer'; readonly digest: Digest }
  /** A signed verdict, on the digest already. */
  | { readonly kind: 'attested' };

/** The scan's answer, and the vulnerability predicate of each platform. */
export interface ScanEvidence {
  readonly verdict: Verdict;
  readonly predicates: readonly {
    readonly platform: Digest;
    readonly predicateType: string;
    readonly predicate: unknown;
  }[];
}

const LARGEST = 64 * 1024 * 1024;

/** @throws PlimsollError `verdict-missing`; `verdict-mismatch` when a predicate is not the one that the verdict names */
export async function readScanFile(path: string): Promise<ScanEvidence> {
  const verdict = await readVerdict(path);
  return evidence(verdict, (name) => readFile(join(dirname(path), basename(name))));
}

/** @throws PlimsollError as {@link readScanFile}, and what the registry throws */
export async function readScanReferrer(source: ContentSource, digest: Digest, image: Digest): Promise<ScanEvidence> {
  const manifest = parseManifest(await source.manifest(digest).catch((error: unknown) => absent(digest, error)));
  const layers = manifest.kind === 'image' ? manifest.layers : [];
  const [first] = layers;
  if (first === undefined) throw missing(`${digest} holds no scan verdict`);
  if (manifest.subject?.digest !== image) {
    throw mismatch(`The verdict ${digest} hangs on ${manifest.subject?.digest ?? 'nothing'}, not on ${image}`);
  }
  const verdict = parseVerdict((await readBlob(source, first, LARGEST)).toString('utf8'), digest);
  return evidence(verdict, async (_name, wanted) => {
    const layer = layers.find((each) => each.digest === wanted);
    if (layer === undefined)
      throw mismatch(`The verdict ${digest} names the predicate ${wanted}, which is not attached`);
    return readBlob(source, layer, LARGEST);
  });
}

/**
 * @throws PlimsollError `verdict-mismatch` when it is not about the whole of this image; `verdict-secrets` when it is
 *   about an artifact that is no image, of which a scan can only say that there is no secret, and it does not
 */
export function assertAbout(verdict: Verdict, image: ImageShape): void {
  const gap = verdictGap(verdict, image);
  if (gap !== undefined) throw mismatch(`The scan verdict ${gap}, not about ${image.root.digest} as a whole`);
  if (isOfSecrets(verdict, image)) return;
  throw new PlimsollError('verdict-secrets', `${image.root.digest} is no image, and its verdict is of no secret scan`, {
    hint: 'Scan the artifact itself, by "layout" or by "image" and "digest"; its files are looked into.',
  });
}

/** @throws PlimsollError `verdict-policy` when another policy judged than the one that is asked for */
export function assertPolicy({ policyDigest }: Verdict, wanted: Digest | undefined): void {
  if (wanted === undefined || policyDigest === wanted) return;
  throw new PlimsollError('verdict-policy', `The scan verdict was given under ${policyDigest}, not under ${wanted}`, {
    hint: 'Scan again under the policy in force, or give its digest as "policy-digest"; the verdict names the one that judged.',
  });
}

export function notPass({ outcome, reasons }: Verdict): PlimsollError {
  return new PlimsollError(
    'verdict-not-pass',
    `The scan verdict is ${outcome}: ${reasons.join('; ') || 'no reason given'}`,
    {
      hint: 'Resolve what the scan found, or suppress a finding with a reason and an expiry date in the policy. Only a pass is signed, unless "sign: exceptions:" in the policy or "verify-vuln: false" allows it.',
    },
  );
}

/** @throws PlimsollError `verdict-missing` */
export function missing(message: string, cause?: unknown): PlimsollError {
  return new PlimsollError('verdict-missing', message, {
    hint: 'Run the scan action before, and write "verdict: ${{ steps.scan.outputs.verdict }}" for this step.',
    cause,
  });
}

async function evidence(
  verdict: Verdict,
  read: (name: string, digest: Digest) => Promise<Buffer>,
): Promise<ScanEvidence> {
  const predicates = await mapConcurrently(verdict.subject.platforms, 4, async (platform) => {
    const named = [
      { predicateType: PREDICATE_TYPES.vuln, given: platform.vulnPredicate },
      { predicateType: PREDICATE_TYPES.vulns, given: platform.vulnsPredicate },
    ];
    return mapConcurrently(named, 2, async ({ predicateType, given }) => {
      if (given === undefined) return [];
      const predicate = await readPredicate(given, read);
      return [{ platform: platform.digest, predicateType, predicate }];
    });
  });
  return { verdict, predicates: predicates.flat(2) };
}

async function readPredicate(
  { file, digest }: { readonly file: string; readonly digest: Digest },
  read: (name: string, digest: Digest) => Promise<Buffer>,
): Promise<unknown> {
  const bytes = await read(file, digest).catch((cause: unknown) => {
    if (isFailure(cause)) throw cause;
    throw mismatch(`The predicate ${file} of the verdict cannot be read`, cause);
  });
  if (digestOf(bytes) !== digest) throw mismatch(`The predicate ${file} was changed after the scan`);
  return JSON.parse(bytes.toString('utf8')) as unknown;
}

function absent(digest: Digest, error: unknown): never {
  if (isFailure(error, 'registry-not-found')) throw missing(`The registry has no verdict ${digest}`, error);
  throw error;
}

function mismatch(message: string, cause?: unknown): PlimsollError {
  return new PlimsollError('verdict-mismatch', message, {
    hint: 'Give the verdict of the scan of this very digest, from this run.',
    cause,
  });
}
