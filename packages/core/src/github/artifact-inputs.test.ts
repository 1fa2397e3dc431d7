import { describe, expect, it } from 'vitest';
import { ARTIFACT_INPUTS, readArtifactInputs } from './artifact-inputs.ts';
import { BUILD_INPUTS } from './build-inputs.ts';
import { readInputs, variableOf } from './inputs.ts';

const TYPE = 'application/vnd.acme.v1';

function read(given: Readonly<Record<string, string>>) {
  const env = Object.fromEntries(Object.entries(given).map(([name, value]) => [variableOf(name), value]));
  return readArtifactInputs(readInputs(BUILD_INPUTS, env, { mask: () => {} }), '/work/space');
}

const files = (lines: string) => read({ files: lines, 'artifact-type': TYPE })?.files;

it('is an image where no files are listed', () => {
  expect(read({ file: 'Dockerfile', platforms: 'linux/arm64' })).toBeUndefined();
  expect(ARTIFACT_INPUTS.every((name) => BUILD_INPUTS.includes(name))).toBe(true);
});

it('takes annotations of its manifest, and what an image has by default', () => {
  const usual = { context: '.', mode: 'single', 'no-cache': 'False', cache: 'auto', sbom: 'false' };
  expect(read({ files: 'a', 'artifact-type': TYPE, annotations: 'a=b\n"manifest:c=d"', ...usual })).toBeDefined();
});

it.each([
  ['a.json:application/json', { title: 'a.json', mediaType: 'application/json' }],
  ['./dist//a.json', { title: 'dist/a.json', mediaType: undefined }],
  ['/work/space/dist/a.sh:text/x-shellscript', { title: 'dist/a.sh', mediaType: 'text/x-shellscript' }],
  [
    'a:b.yaml:application/vnd.acme.policy.v1+yaml',
    { title: 'a:b.yaml', mediaType: 'application/vnd.acme.policy.v1+yaml' },
  ],
  ['with space.txt:text/plain', { title: 'with space.txt', mediaType: 'text/plain' }],
  ['..data/x', { title: '..data/x', mediaType: undefined }],
])('reads %j', (line, expected) => {
  expect(files(line)).toEqual([expected]);
});

describe('before anything is done, it refuses', () => {
  it.each([
    ['a type without files', { 'artifact-type': TYPE }, 'input-missing'],
    ['files without a type', { files: 'a' }, 'input-missing'],
    ['a type that is none', { files: 'a', 'artifact-type': 'installer' }, 'input-invalid'],
    [
      'the type of an image',
      { files: 'a', 'artifact-type': 'application/vnd.oci.image.config.v1+json' },
      'input-invalid',
    ],
    [
      'the type of evidence',
      { files: 'a', 'artifact-type': 'application/vnd.dev.sigstore.bundle.v0.3+json' },
      'input-invalid',
    ],
    ['a Dockerfile', { files: 'a', 'artifact-type': TYPE, file: 'Dockerfile' }, 'input-conflict'],
    ['build arguments', { files: 'a', 'artifact-type': TYPE, 'build-args': 'A=1' }, 'input-conflict'],
    ['labels', { files: 'a', 'artifact-type': TYPE, labels: 'a=b' }, 'input-conflict'],
    ['a smoke test', { files: 'a', 'artifact-type': TYPE, 'smoke-test': '--version' }, 'input-conflict'],
    ['a context', { files: 'a', 'artifact-type': TYPE, context: 'src' }, 'input-conflict'],
    ['shards', { files: 'a', 'artifact-type': TYPE, mode: 'shard' }, 'input-conflict'],
    ['platforms', { files: 'a', 'artifact-type': TYPE, platforms: 'linux/arm64' }, 'input-conflict'],
    ['a kind of cache', { files: 'a', 'artifact-type': TYPE, cache: 'registry' }, 'input-conflict'],
    ['no cache', { files: 'a', 'artifact-type': TYPE, 'no-cache': 'true' }, 'input-conflict'],
    ['an annotation of an index', { files: 'a', 'artifact-type': TYPE, annotations: 'index:a=b' }, 'input-conflict'],
    [
      'an annotation of a descriptor',
      { files: 'a', 'artifact-type': TYPE, annotations: 'c=d\nmanifest,manifest-descriptor:a=b' },
      'input-conflict',
    ],
    [
      'an annotation of a platform',
      { files: 'a', 'artifact-type': TYPE, annotations: 'manifest[linux/amd64]:a=b' },
      'input-conflict',
    ],
  ])('%s', (_name, given, code) => {
    expect(() => read(given)).toThrow(expect.objectContaining({ code }) as Error);
  });

  it.each([
    ['no file', '# nothing'],
    ['the workspace', '.'],
    ['a path without a name', ':text/plain'],
    ['what is outside', '../secret:text/plain'],
    ['what is outside by an absolute path', '/etc/passwd'],
    ['a traversal', 'a/../../b'],
    ['a name twice', 'a.json\n./a.json:application/json'],
    ['a file and its directory', 'dist\ndist/a.json'],
    ['a type that is none', 'a.json:json'],
    ['an empty type', 'a.json:'],
    ['the config of an image', 'a.json:application/vnd.oci.image.config.v1+json'],
    ['too many', Array.from({ length: 1001 }, (_, index) => `f${index}`).join('\n')],
  ])('%s', (_name, lines) => {
    expect(() => files(lines)).toThrow(expect.objectContaining({ code: 'input-invalid' }) as Error);
  });
});
