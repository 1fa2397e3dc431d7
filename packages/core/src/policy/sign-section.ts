import * as v from 'valibot';
import { day, isOver } from './day.ts';
import { words } from './words.ts';

/** What a scan may have come to, beside a pass. */
export const SHORTCOMINGS = ['missing', 'fail', 'error', 'incomplete'] as const;
export type Shortcoming = (typeof SHORTCOMINGS)[number];

/** Leave to sign without a pass; it is attested in place of the verdict. */
export interface SignException {
  readonly verdict: readonly Shortcoming[];
  readonly reason: string;
  /** `YYYY-MM-DD`. */
  readonly expires: string;
}

/** The policy's `sign` section. */
export interface SignPolicy {
  readonly exceptions: readonly SignException[];
}

const exception = v.strictObject({
  verdict: v.pipe(
    v.array(v.picklist(SHORTCOMINGS)),
    v.minLength(1, 'name at least one'),
    v.description('What the scan came to in place of a pass; missing when there is no verdict at all.'),
  ),
  reason: v.pipe(words, v.description('Why this may be signed; it is attested, for everybody to read.')),
  expires: v.pipe(day, v.description('YYYY-MM-DD: the first day, in UTC, on which the exception no longer holds.')),
});

/** The `sign:` section of the policy file. */
export const signSection = v.pipe(
  v.strictObject({ exceptions: v.optional(v.array(exception), []) }),
  v.transform((section): SignPolicy => section),
);

/** The first exception that holds. Pure. */
export function exceptionFor({ exceptions }: SignPolicy, state: Shortcoming, now: Date): SignException | undefined {
  return exceptions.find(({ verdict, expires }) => verdict.includes(state) && !isOver(expires, now));
}
