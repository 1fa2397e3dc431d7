import * as v from 'valibot';
import type { Place } from '../runtime/log.ts';

/** One finding of BuildKit's checks (docs.docker.com, "Build checks"). */
export interface BuildWarning {
  readonly text: string;
  readonly place: Place;
}

/** As buildx writes it with BUILDX_METADATA_WARNINGS; Go's byte slices are base64 in JSON. */
export const buildWarning = v.object({
  short: v.string(),
  url: v.optional(v.string(), ''),
  range: v.optional(v.array(v.object({ start: v.object({ line: v.number() }) })), []),
});

/** @param dockerfile the file that was built; the checks look at no other */
export function readWarning(warning: v.InferOutput<typeof buildWarning>, dockerfile: string): BuildWarning {
  const { short, url, range } = warning;
  const line = range[0]?.start.line;
  const text = Buffer.from(short, 'base64').toString();
  return {
    text: url === '' ? text : `${text} (${url})`,
    place: line === undefined ? { file: dockerfile } : { file: dockerfile, line },
  };
}
