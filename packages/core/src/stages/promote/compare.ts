import type { ContentSource } from '../../oci/content.ts';
import type { Digest } from '../../oci/digest.ts';
import { isFailure, PlimsollError } from '../../runtime/errors.ts';
import { settled } from '../../runtime/settled.ts';
import type { Inspection, VerifyReport } from '../verify.ts';
import { compareContents, type ContentsDifference, contentsOf, type ImageContents } from './contents.ts';
import type { LegResult } from './leg.ts';

export type Inspect = (repository: ContentSource, digest: Digest) => Promise<Inspection>;

/** What is different from what the tags pointed to before. */
export interface Comparison {
  readonly before: Digest;
  readonly difference?: ContentsDifference;
  /** Why there is none. */
  readonly problem?: string;
}

/** Verification that remembers what the accepted evidence says, so that it is read once. */
export class ContentsReader {
  readonly #inspect: Inspect;
  readonly #known = new Map<Digest, ImageContents>();

  constructor(inspect: Inspect) {
    this.#inspect = inspect;
  }

  /** @throws PlimsollError as `verifyImage` */
  async verify(repository: ContentSource, digest: Digest): Promise<VerifyReport> {
    const { report, evidence, failure } = await this.#inspect(repository, digest);
    if (evidence !== undefined) this.#known.set(digest, contentsOf(evidence.accepted));
    if (failure !== undefined) throw failure;
    return report;
  }

  /** Of an image that need not pass: one of the past may lack what is asked for today. */
  async contents(repository: ContentSource, digest: Digest): Promise<ImageContents> {
    const known = this.#known.get(digest);
    if (known !== undefined) return known;
    const { evidence, failure } = await this.#inspect(repository, digest);
    if (evidence !== undefined) return contentsOf(evidence.accepted);
    throw failure ?? new PlimsollError('verify-unreachable', 'There is no evidence', { hint: 'Run again.' });
  }

  /** Against what the first tag that moves pointed to. Never fails: the promotion does not depend on it. */
  async compare({ leg, plan, failure }: LegResult): Promise<Comparison | undefined> {
    const before = plan.record?.moves.find(({ previous }) => previous !== undefined)?.previous?.digest;
    if (before === undefined || failure !== undefined) return undefined;
    return compareWith(before, {
      had: this.contents(leg.destination, before),
      has: this.contents(leg.source, plan.root.digest),
    });
  }
}

/** A comparison on which nothing depends: what could not be read is its problem. @throws PlimsollError `cancelled` */
export async function compareWith(
  before: Digest,
  { had, has }: { readonly had: Promise<ImageContents>; readonly has: Promise<ImageContents> },
): Promise<Comparison> {
  try {
    const [then, now] = await settled([had, has]);
    return { before, difference: compareContents(then, now) };
  } catch (error) {
    if (!isFailure(error) || error.code === 'cancelled') throw error;
    return { before, problem: error.message };
  }
}
