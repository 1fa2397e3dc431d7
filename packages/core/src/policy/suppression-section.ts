import * as v from 'valibot';
import { day } from './day.ts';
import type { Suppression } from './suppression.ts';
import { words } from './words.ts';

const lastDay = v.pipe(
  day,
  v.description('YYYY-MM-DD: the first day, in UTC, on which the suppression no longer holds.'),
);

const written = v.strictObject({
  id: v.pipe(
    words,
    v.description('An advisory id or alias, the id of a misconfiguration, a licence, or the fingerprint of a secret.'),
  ),
  reason: v.pipe(words, v.description('Why this is acceptable, for those who read it later.')),
  expires: lastDay,
  package: v.optional(
    v.pipe(words, v.description('Limits it to one package: its name, or its package URL without version.')),
  ),
  path: v.optional(
    v.pipe(
      words,
      v.description(
        'Limits it to places of this path, in the image or the source; * within a segment, ** for anything.',
      ),
    ),
  ),
  platform: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9]+)?$/, 'write os/architecture, such as linux/arm64'),
      v.description('Limits it to one platform of the image, such as linux/arm64.'),
    ),
  ),
});

/** One entry of `suppressions:` in the policy's `scan` section. */
export const suppressionSection = v.pipe(written, v.transform(withoutAbsent));

function withoutAbsent(given: v.InferOutput<typeof written>): Suppression {
  const { id, reason, expires, package: name, path, platform } = given;
  return {
    id,
    reason,
    expires,
    ...(name === undefined ? {} : { package: name }),
    ...(path === undefined ? {} : { paths: [path] }),
    ...(platform === undefined ? {} : { platform }),
  };
}
