import { existsSync } from 'node:fs';
import path from 'node:path';
import { PlimsollError } from '../runtime/errors.ts';
import type { BuildOptions } from '../tools/build-options.ts';
import { BUILDER_INPUTS } from './builder-inputs.ts';
import { readBuildSecrets, SECRET_INPUTS } from './build-secrets.ts';
import type { Inputs, Masker } from './inputs.ts';
import { readSbom, SBOM_INPUTS } from './sbom-input.ts';
import { holdsCredentials } from './url-credentials.ts';

/** The inputs that go to buildx under their own names. */
export const OPTION_INPUTS = [
  'target',
  'build-contexts',
  ...SECRET_INPUTS,
  'ssh',
  'cache-from',
  'cache-to',
  'no-cache',
  'no-cache-filters',
  'pull',
  'network',
  'add-hosts',
  'allow',
  'shm-size',
  'ulimit',
  ...BUILDER_INPUTS,
  'provenance',
  ...SBOM_INPUTS,
] as const;

type OptionInput = (typeof OPTION_INPUTS)[number];

export interface OptionSource {
  readonly inputs: Inputs<OptionInput>;
  /** The job's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workspace: string;
  readonly masker: Masker;
}

/** @throws PlimsollError `input-invalid`, and for the SBOM what {@link readSbom} throws */
export function readBuildOptions(source: OptionSource): BuildOptions {
  const { inputs } = source;
  return {
    target: inputs.text('target'),
    buildContexts: readContexts(source),
    secrets: readBuildSecrets(source),
    ssh: readSsh(source),
    cacheFrom: readCache(inputs, 'cache-from'),
    cacheTo: readCache(inputs, 'cache-to').flatMap(goOnWithout),
    noCache: inputs.boolean('no-cache'),
    noCacheFilters: inputs.list('no-cache-filters'),
    pull: inputs.boolean('pull'),
    network: inputs.text('network') && inputs.choice('network', ['default', 'none', 'host']),
    addHosts: shaped('add-hosts', inputs.list('add-hosts')),
    allow: inputs.list('allow'),
    shmSize: shapedOne('shm-size', inputs.text('shm-size')),
    ulimit: shaped('ulimit', inputs.entries('ulimit')),
    provenance: inputs.choice('provenance', ['max', 'min', 'off']),
    ...readSbom(inputs),
  };
}

/** `name=directory`, or a URL such as `docker-image://alpine@sha256:…`. Directories must be there. */
function readContexts({ inputs, workspace }: OptionSource): Readonly<Record<string, string>> {
  return resolveContexts(inputs.pairs('build-contexts'), workspace);
}

/** @param base - where relative directories start @throws PlimsollError `input-invalid` */
export function resolveContexts(given: Readonly<Record<string, string>>, base: string) {
  const contexts = Object.entries(given).map(([name, value]) => {
    if (holdsCredentials(value)) throw credentialsIn(name);
    if (/^[a-z][a-z0-9+.-]*:\/\/|^git@|^target:/i.test(value)) return [name, value] as const;
    const directory = path.resolve(base, value);
    if (value === '' || !existsSync(directory))
      throw invalid('build-contexts', `"${name}" names no directory`, 'src=./src');
    return [name, directory] as const;
  });
  return Object.fromEntries(contexts);
}

function credentialsIn(name: string): PlimsollError {
  const why = `"${name}" holds a user or a password, which others could read`;
  return new PlimsollError('input-invalid', `The input "build-contexts": ${why}`, {
    hint: `Write the URL without them, and "secrets: GIT_AUTH_TOKEN.HOST=\${{ secrets.NAME }}" with the host of it.`,
  });
}

/** `default` is the agent of the job; `id=path` a socket or keys, which must be there. */
function readSsh(source: OptionSource): readonly string[] {
  return source.inputs
    .entries('ssh')
    .flatMap((line) => line.split(NEXT_SSH))
    .map((entry) => sshEntry(entry, source));
}

/** As for docker/build-push-action, commas separate entries; a key without a name belongs to the one before it. */
const NEXT_SSH = /\s*,\s*(?=[^,/=]+=|default\s*(?:,|$))/;

function sshEntry(entry: string, { env, workspace }: OptionSource): string {
  const [id = '', given = ''] = entry.split(/=(.*)/s);
  if (given === '') {
    if (env['SSH_AUTH_SOCK']) return entry;
    throw invalid('ssh', `"${id}" is the SSH agent, and there is none (SSH_AUTH_SOCK)`, 'default=/path/of/key');
  }
  const paths = given.split(',').map((place) => path.resolve(workspace, place.trim()));
  const missing = paths.find((place) => !existsSync(place));
  if (missing !== undefined)
    throw invalid('ssh', `"${id}" names ${missing}, which is not there`, 'default=/path/of/key');
  return `${id}=${paths.join(',')}`;
}

/** Credentials that would stand in the argument list, and from there in the process table and in logs. */
const CREDENTIAL = /(?:^|,)\s*"?(secret_access_key|session_token|token|ghtoken|account_key|password)=/i;

function readCache(inputs: Inputs<OptionInput>, name: 'cache-from' | 'cache-to'): readonly string[] {
  return inputs.entries(name).map((line) => {
    const credential = CREDENTIAL.exec(line)?.[1];
    if (credential === undefined) return line;
    throw new PlimsollError('input-invalid', `The input "${name}" has the attribute "${credential}"`, {
      hint: 'Arguments are seen by others. Give credentials of the cache in "env:", such as AWS_SECRET_ACCESS_KEY.',
    });
  });
}

/**
 * A cache that cannot be written makes the next build slower, and this one no worse. A line without `=` names
 * registries' caches by references alone (buildx, `ParseCacheEntry`), and is written out to say so.
 */
function goOnWithout(line: string): readonly string[] {
  if (!line.includes('=')) {
    const references = line.split(',').map((reference) => reference.trim());
    return references.filter(Boolean).map((reference) => `type=registry,ref=${reference},ignore-error=true`);
  }
  if (!/(?:^|,)type=(?!inline(?:,|$))/i.test(line) || /(?:^|,)ignore-error=/i.test(line)) return [line];
  return [`${line},ignore-error=true`];
}

/** How a line of these inputs looks, and one that does. */
const SHAPES = {
  'add-hosts': { shape: /^[^\s:=]+[:=]\S+$/, example: 'registry.example:10.0.0.1' },
  // RAMInBytes of docker/go-units.
  'shm-size': { shape: /^\d+(?:\.\d+)? ?(?:[kmgtp]i?)?b?$/i, example: '2g' },
  ulimit: { shape: /^[a-z]+=-?\d+(?::-?\d+)?$/, example: 'nofile=1024:2048' },
} as const;

function shaped(input: keyof typeof SHAPES, values: readonly string[]): readonly string[] {
  const { shape, example } = SHAPES[input];
  const wrong = values.find((value) => !shape.test(value));
  if (wrong !== undefined) throw invalid(input, `has "${wrong.slice(0, 100)}", which cannot be read`, example);
  return values;
}

function shapedOne(input: keyof typeof SHAPES, value: string | undefined): string | undefined {
  return value === undefined ? undefined : shaped(input, [value])[0];
}

function invalid(input: OptionInput, why: string, example: string): PlimsollError {
  return new PlimsollError('input-invalid', `The input "${input}": ${why}`, {
    hint: `Write lines such as "${example}".`,
  });
}
