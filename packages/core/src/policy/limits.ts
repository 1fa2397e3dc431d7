import * as v from 'valibot';
import { PlimsollError } from '../runtime/errors.ts';
import { parseSize } from './size.ts';

/** Upper bounds on what may ship. */
export interface Limits {
  /** Bytes of one platform: its manifest, its config and its compressed layers. */
  readonly imageSize: number | undefined;
  /** What becomes of a build that is over: it fails, or somebody is told. */
  readonly over: 'fail' | 'warn';
}

const size = v.pipe(
  v.string(),
  v.check((text) => parseSize(text) !== undefined, 'write a size with its unit, such as 500MB or 2GiB'),
  v.description('A size with its unit, such as 500MB or 2GiB: the most that one platform may have, compressed.'),
  v.transform(parseSize),
);

/** The `limits:` section of the policy file. */
export const limitsSection = v.pipe(
  v.strictObject({
    'image-size': v.optional(size),
    over: v.pipe(
      v.optional(v.picklist(['fail', 'warn']), 'fail'),
      v.description('What becomes of an image that is over a limit.'),
    ),
  }),
  v.transform((section): Limits => ({ imageSize: section['image-size'], over: section.over })),
);

/**
 * @param platforms what each platform of the image weighs, in bytes
 * @returns what to warn of, where that is all that is wanted
 * @throws PlimsollError `limit-exceeded`
 */
export function checkLimits(
  limits: Limits,
  platforms: readonly { platform: string; size: number }[],
): string | undefined {
  const { imageSize, over } = limits;
  const heaviest = platforms.toSorted((a, b) => b.size - a.size)[0];
  if (imageSize === undefined || heaviest === undefined || heaviest.size <= imageSize) return undefined;
  const message = `The image for ${heaviest.platform} has ${heaviest.size} bytes; the policy allows ${imageSize}`;
  if (over === 'warn') return message;
  throw new PlimsollError('limit-exceeded', message, {
    hint: 'Make the image smaller, or raise "limits: image-size:" in the policy file on the default branch.',
  });
}
