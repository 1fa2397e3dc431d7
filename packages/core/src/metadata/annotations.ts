import { canonicalPlatform } from '../oci/platform-names.ts';
import { PlimsollError } from '../runtime/errors.ts';
import type { ImageLabels } from './labels.ts';

/** What an annotation is written on (docs.docker.com, "Annotations"). */
export type AnnotationLevel = 'manifest' | 'index' | 'manifest-descriptor' | 'index-descriptor';

export interface ImageAnnotation {
  readonly level: AnnotationLevel;
  /** `os/architecture[/variant]`, when it is for one platform's manifest. */
  readonly platform?: string;
  readonly key: string;
  readonly value: string;
}

const LEVELS: readonly string[] = ['manifest', 'index', 'manifest-descriptor', 'index-descriptor'];
const LEVEL = /^([a-z-]+)(?:\[([a-z0-9]+\/[a-z0-9_/.]+)\])?$/;
/** Where what is known of the image goes: on the platforms, and on the index, where registries look for it. */
const KNOWN_LEVELS = ['index', 'manifest'] as const;

/**
 * What is known of the image (the keys of its labels), and the lines `[LEVEL[,LEVEL]:]KEY=VALUE` of the input over it.
 * A line without a level is for the manifests, as for docker/build-push-action.
 *
 * @throws PlimsollError `input-invalid`, which names the line
 */
export function imageAnnotations(known: ImageLabels, lines: readonly string[]): readonly ImageAnnotation[] {
  const generated = KNOWN_LEVELS.flatMap((level) =>
    Object.entries(known).map(([key, value]): ImageAnnotation => ({ level, key, value })),
  );
  const all = [...generated, ...lines.flatMap(parseAnnotation)];
  const unique = new Map(all.map((annotation) => [annotationText(annotation).split('=', 1)[0], annotation]));
  return [...unique.values()];
}

/** `index:key=value`, as buildx and the output have it. */
export function annotationText({ level, platform, key, value }: ImageAnnotation): string {
  return `${level}${platform === undefined ? '' : `[${platform}]`}:${key}=${value}`;
}

function parseAnnotation(line: string): readonly ImageAnnotation[] {
  const at = line.indexOf('=');
  const { levels, key } = splitLevels(line.slice(0, Math.max(at, 0)));
  if (at < 1 || key === '') throw invalid(line, 'is not [LEVEL:]KEY=VALUE');
  const value = line.slice(at + 1).trim();
  return levels.map((text) => {
    const [, level = '', platform] = LEVEL.exec(text.trim()) ?? [];
    if (!LEVELS.includes(level)) throw invalid(line, `has "${text}", which is none of ${LEVELS.join(', ')}`);
    return {
      level: level as AnnotationLevel,
      key,
      value,
      ...(platform === undefined ? {} : { platform: canonicalPlatform(platform) }),
    };
  });
}

function splitLevels(head: string): { levels: readonly string[]; key: string } {
  const colon = head.indexOf(':');
  if (colon === -1) return { levels: ['manifest'], key: head.trim() };
  return { levels: head.slice(0, colon).split(','), key: head.slice(colon + 1).trim() };
}

function invalid(line: string, why: string): PlimsollError {
  return new PlimsollError('input-invalid', `The input "annotations": "${line.slice(0, 200)}" ${why}`, {
    hint: 'Write lines such as `index:org.opencontainers.image.title=App` or `manifest,index:key=value`.',
  });
}
