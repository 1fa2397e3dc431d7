import { type DeclaredArgument, filledIn } from '../dockerfile/arguments.ts';

/** Those of the machine that builds, which is not known here. */
const OF_THE_BUILDER = 'BUILDPLATFORM BUILDOS BUILDOSVERSION BUILDARCH BUILDVARIANT TARGETOSVERSION TARGETSTAGE'.split(
  ' ',
);

/**
 * What `FROM` may name: what BuildKit itself sets (docs.docker.com/reference/dockerfile, "Automatic platform ARGs in the
 * global scope"), and what is declared before the first stage.
 *
 * @param platform `os/architecture[/variant]`
 * @returns by name; without a value where that is not known here
 */
export function globalArguments(
  declared: readonly DeclaredArgument[],
  given: Readonly<Record<string, string>>,
  platform: string,
): ReadonlyMap<string, string | undefined> {
  const automatic = [...OF_THE_BUILDER.map((name) => [name, undefined] as const), ...ofTarget(platform)];
  const args = new Map(automatic.map(([name, value]) => [name, given[name] ?? value]));
  for (const { name, value } of declared) {
    const own = given[name];
    if (own !== undefined) args.set(name, own);
    else if (value !== undefined) args.set(name, filledIn(value, args));
  }
  return args;
}

/** As BuildKit writes platforms: without the variant that every arm64 has, and with the one that arm has unless told. */
function ofTarget(platform: string): readonly (readonly [name: string, value: string])[] {
  const [os = '', architecture = '', written = ''] = platform.split('/');
  const variant =
    architecture === 'arm' ? written || 'v7' : architecture === 'arm64' && written === 'v8' ? '' : written;
  return [
    ['TARGETPLATFORM', [os, architecture, variant].filter(Boolean).join('/')],
    ['TARGETOS', os],
    ['TARGETARCH', architecture],
    ['TARGETVARIANT', variant],
  ];
}
