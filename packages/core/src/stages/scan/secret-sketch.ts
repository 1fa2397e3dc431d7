import { scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import type { TrivyResult } from '../../tools/trivy.ts';

export type TrivySecret = NonNullable<TrivyResult['Secrets']>[number];

const derive = promisify<string, string, number, { readonly N: number }, Buffer>(scrypt);
/** Some ten milliseconds for every guess. */
const COST = { N: 4096 };
const HEX_DIGITS = 5;
/** Of longer lines trivy shows what is near the secret (pkg/fanal/secret, `findLocation`). */
const SHORT_LINE = 100;

/**
 * What tells a secret from another one in the same file, and gives it away to nobody: fingerprints are public. It has 20 bits, so
 * the next secret in that place has the same once in a million, while whoever guesses at a weak one is left with a millionth of
 * all guesses, each of them right as far as can be seen; and each costs more than a plain hash would.
 */
export async function sketchOf(text: string, { rule, path }: { rule: string; path: string }): Promise<string> {
  const key = await derive(text, JSON.stringify(['plimsoll', rule, path]), HEX_DIGITS, COST);
  return key.toString('hex').slice(0, HEX_DIGITS);
}

/**
 * The lines that a secret stands in, as they are; of a long line what is near it. Whatever else stands there, a second secret
 * say, is part of it.
 */
export function secretText(content: string, { StartLine = 0, EndLine = StartLine, Match = '' }: TrivySecret) {
  if (StartLine < 1) return undefined;
  const lines = linesOf(content).slice(StartLine - 1, EndLine);
  const [first = ''] = lines;
  const near = lines.length === 1 && first.length > SHORT_LINE ? first.match(unmasked(Match)) : null;
  return near?.join('\n') ?? (lines.map((line) => line.trim()).join('\n') || undefined);
}

/** The same in the configuration of an image, which trivy writes down in its own way: all that looks like it when masked. */
export function configurationText(config: unknown, { Match = '' }: TrivySecret): string | undefined {
  const pattern = unmasked(Match.trim().replace(/,$/, ''));
  const found = linesOf(JSON.stringify(config, null, 1)).flatMap((line) => line.match(pattern) ?? []);
  return [...new Set(found)].join('\n') || undefined;
}

/** Trivy takes carriage returns away before it counts. */
function linesOf(content: string): readonly string[] {
  return content.replaceAll('\r', '').split('\n');
}

const quote = (text: string) => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

/** What a masked text may have been: as many characters as there are asterisks. */
function unmasked(masked: string): RegExp {
  const parts = masked.split(/(\*+)/).map((part, at) => (at % 2 === 1 ? `.{${part.length}}` : quote(part)));
  return new RegExp(parts.join('') || '(?!)', 'g');
}
