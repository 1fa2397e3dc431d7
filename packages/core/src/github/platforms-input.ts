import { canonicalPlatform } from '../oci/platform-names.ts';
import { PlimsollError } from '../runtime/errors.ts';
import { nearest } from '../runtime/nearest.ts';
import { variantInstead } from '../oci/platform-variants.ts';

/** What BuildKit and registries call systems and processors (Go's names, `go tool dist list`). */
const SYSTEMS: readonly string[] = ['linux', 'windows', 'darwin', 'freebsd', 'wasip1', 'wasi'];
const PROCESSORS =
  'amd64 arm64 arm 386 ppc64le ppc64 s390x riscv64 loong64 mips mipsle mips64 mips64le wasm wasm32'.split(' ');
const PLATFORM = /^([a-z0-9]+)\/([a-z0-9_]+)(?:\/[a-z0-9.]+)?$/;

/**
 * The `platforms` input, or those of another one; linux/amd64 when it is empty. A name that nobody has is found here, and not after minutes of
 * a build that was to be emulated.
 *
 * @returns as BuildKit writes them ({@link canonicalPlatform}), each once
 * @throws PlimsollError `input-invalid`
 */
export function readPlatforms(given: readonly string[], input = 'platforms'): readonly string[] {
  const refused = refusal(input);
  const platforms = given.length === 0 ? ['linux/amd64'] : given;
  const names = platforms.map(canonicalPlatform);
  for (const [index, platform] of platforms.entries()) {
    const [, system, processor] = PLATFORM.exec(platform) ?? [];
    if (system === undefined || processor === undefined) throw refused(platform, 'is not os/architecture');
    if (!SYSTEMS.includes(system)) throw refused(platform, `has an unknown system${meant(system, SYSTEMS)}`);
    refuseVariant(platform, refused);
    if (!PROCESSORS.includes(processor))
      throw refused(platform, `has an unknown processor${meant(processor, PROCESSORS)}`);
    if (names.indexOf(canonicalPlatform(platform)) !== index) throw refused(platform, 'is given twice');
  }
  return names;
}

/**
 * The `runners` input: labels for `runs-on` by platform.
 * @throws PlimsollError `input-conflict` for two labels of one platform
 */
export function readRunners(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const named = Object.entries(labels).map(([platform, label]) => [canonicalPlatform(platform), label] as const);
  const names = named.map(([platform]) => platform);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return Object.fromEntries(named);
  throw new PlimsollError('input-conflict', `"runners" has two labels for ${twice}`, {
    hint: `Keep one of its lines, "${twice}=label".`,
  });
}

/** BuildKit would build for any, and the image would be one that no machine takes. */
function refuseVariant(platform: string, refused: ReturnType<typeof refusal>): void {
  const [, processor = '', variant] = platform.split('/');
  const known = variant === undefined ? undefined : variantInstead(processor, variant);
  if (known !== undefined) throw refused(platform, `has an unknown variant; did you mean ${processor}/${known}?`);
}

/** Names that people use for processors, and those of Go. */
const ALIASES: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', i386: '386', x86: '386' };

function meant(word: string, known: readonly string[]): string {
  const near = ALIASES[word] ?? nearest(word, known);
  return near === undefined ? '' : `; did you mean ${near}?`;
}

function refusal(input: string) {
  return (platform: string, why: string) =>
    new PlimsollError('input-invalid', `The input "${input}": "${platform.slice(0, 100)}" ${why}`, {
      hint: 'Write platforms such as "linux/amd64,linux/arm64", each once.',
    });
}
