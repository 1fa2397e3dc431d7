import { existsSync } from 'node:fs';
import path from 'node:path';
import { PlimsollError } from '../runtime/errors.ts';
import type { BuilderNode } from '../tools/builder.ts';
import type { Inputs } from './inputs.ts';
import { readPlatforms } from './platforms-input.ts';

export const BUILDER_INPUTS = ['builder', 'builder-endpoint', 'mirror'] as const;

type BuilderInput = (typeof BUILDER_INPUTS)[number];

/** Options that name files, which are relative to the workspace. */
const FILES: readonly string[] = ['cacert', 'cert', 'key'];
const MIRROR = /^[a-z0-9.-]+(?::\d+)?(?:\/[a-z0-9._/-]+)?$/i;

/**
 * Where the build runs.
 * @throws PlimsollError `input-invalid`, `input-conflict`
 */
export function readBuilderInputs(inputs: Inputs<BuilderInput>, workspace: string) {
  const named = inputs.text('builder');
  const nodes = inputs.lines('builder-endpoint').map((line) => readNode(line, workspace));
  const mirror = inputs.text('mirror');
  refuseContradictions({ named, nodes, mirror });
  if (mirror !== undefined && !MIRROR.test(mirror))
    throw invalid('mirror', `"${mirror.slice(0, 100)}" is no registry`, 'mirror.gcr.io');
  return { named, nodes, mirror } as const;
}

/** `tcp://10.0.0.7:1234 platforms=linux/arm64 cacert=ca.pem`, or `kubernetes namespace=ci platforms=linux/amd64`. */
function readNode(line: string, workspace: string): BuilderNode {
  const [place = '', ...rest] = line.split(/\s+/);
  const kubernetes = /^kubernetes(?:$|:\/\/)/.test(place);
  if (!kubernetes && !/^(?:tcp|unix|docker-container|kube-pod|ssh):\/\/./.test(place)) {
    throw invalid(
      'builder-endpoint',
      `"${place.slice(0, 100)}" is no endpoint`,
      'tcp://10.0.0.7:1234 platforms=linux/arm64',
    );
  }
  const options = Object.fromEntries(rest.map((text) => readOption(text, workspace)));
  const { platforms = '', ...others } = options;
  const endpoint = place === 'kubernetes' || place === 'kubernetes://' ? {} : { endpoint: place };
  const listed = platforms === '' ? [] : readPlatforms(platforms.split(','), 'builder-endpoint');
  return { driver: kubernetes ? 'kubernetes' : 'remote', ...endpoint, platforms: listed, options: others };
}

function readOption(text: string, workspace: string): readonly [string, string] {
  const [, key = '', value = ''] = /^([a-z.-]+)=(.+)$/i.exec(text) ?? [];
  if (key === '')
    throw invalid('builder-endpoint', `"${text.slice(0, 100)}" is not key=value`, 'kubernetes namespace=ci');
  if (!FILES.includes(key)) return [key, value];
  const file = path.resolve(workspace, value);
  if (existsSync(file)) return [key, file];
  throw invalid('builder-endpoint', `${key} names ${file}, which is not there`, 'tcp://host:1234 cacert=certs/ca.pem');
}

interface Wish {
  readonly named: string | undefined;
  readonly nodes: readonly BuilderNode[];
  readonly mirror: string | undefined;
}

function refuseContradictions({ named, nodes, mirror }: Wish): void {
  const given = [
    ...(named === undefined ? [] : ['builder']),
    ...(nodes.length === 0 ? [] : ['builder-endpoint']),
    ...(mirror === undefined ? [] : ['mirror']),
  ];
  if (given.length > 1)
    throw conflict(
      `"${given.join('" and "')}" cannot be combined`,
      'Keep one of them. A builder that exists has its own mirrors, in its buildkitd.toml.',
    );
}

/** @throws PlimsollError `input-conflict` for a platform that no endpoint has, if all of them list theirs */
export function refuseUncovered(
  { nodes }: { readonly nodes: readonly BuilderNode[] },
  wanted: readonly string[],
): void {
  if (nodes.length === 0 || nodes.some(({ platforms }) => platforms.length === 0)) return;
  const covered = new Set(nodes.flatMap(({ platforms }) => platforms));
  const uncovered = wanted.filter((platform) => !covered.has(platform));
  if (uncovered.length > 0)
    throw conflict(
      `No "builder-endpoint" has ${uncovered.join(', ')}`,
      'Add it to "platforms=" of the line that can build it.',
    );
}

function conflict(message: string, hint: string): PlimsollError {
  return new PlimsollError('input-conflict', message, { hint });
}

function invalid(input: BuilderInput, why: string, example: string): PlimsollError {
  return new PlimsollError('input-invalid', `The input "${input}": ${why}`, { hint: `Write "${input}: ${example}".` });
}
