import { describe, expect, it } from 'vitest';
import { imagesMatrix } from '../metadata/images-matrix.ts';
import { readDockerMatrix } from './docker-matrix.ts';
import { readImagesMatrix } from './images-matrix.ts';

const invalid = expect.objectContaining({ code: 'input-invalid' });
const API = { image: 'ghcr.io/acme/api' };

describe('docker-matrix', () => {
  it.each<[string, unknown, string[], Record<string, string>]>([
    ['a list of platforms', { platform: ['linux/amd64', 'linux/arm64'] }, ['linux/amd64', 'linux/arm64'], {}],
    ['entries', { include: [{ platform: 'linux/s390x', runner: 'z' }] }, ['linux/s390x'], { 'linux/s390x': 'z' }],
    ['a list alone', [{ platform: 'linux/amd64' }], ['linux/amd64'], {}],
    [
      'an entry for what is listed, and one more',
      { platform: ['linux/arm64'], include: [{ platform: 'linux/arm64/v8', os: 'arm' }, { platform: 'linux/386' }] },
      ['linux/arm64', 'linux/386'],
      { 'linux/arm64': 'arm' },
    ],
  ])('reads %s', (_name, given, platforms, runners) => {
    expect(readDockerMatrix(JSON.stringify(given))).toEqual({ platforms, runners });
  });

  it.each<[string, string, string]>([
    ['no JSON', 'linux/amd64', 'not JSON'],
    ['no object', '"linux/amd64"', 'where an object'],
    ['no platform', '{}', 'no platform'],
    ['an unknown key', '{"platforms": ["linux/amd64"]}', 'did you mean "platform"?'],
    ['an unknown key of an entry', '{"include": [{"platform": "linux/amd64", "runers": "x"}]}', 'did you mean'],
    ['no list', '{"platform": "linux/amd64"}', 'where a list'],
    ['a number', '{"platform": [64]}', 'where a text'],
    ['an entry without a platform', '{"include": [{"runner": "x"}]}', 'without a platform'],
    ['an unknown platform', '{"platform": ["linux/amd46"]}', 'did you mean amd64'],
    ['a platform twice', '{"platform": ["linux/arm64", "linux/arm64/v8"]}', 'twice'],
    ['an entry twice', '[{"platform": "linux/amd64"}, {"platform": "linux/amd64"}]', 'twice'],
    ['two labels', '[{"platform": "linux/amd64", "os": "a", "runner": "b"}]', 'several labels'],
  ])('refuses %s', (_name, text, reason) => {
    expect(() => readDockerMatrix(text)).toThrow(invalid);
    expect(() => readDockerMatrix(text)).toThrow(reason);
  });
});

describe('images-matrix', () => {
  it('gives each image a job with all that it needs, on a runner of its processor', () => {
    const images = readImagesMatrix(
      JSON.stringify([
        {
          ...API,
          context: 'api',
          file: 'api/Containerfile',
          platforms: ['linux/arm64'],
          'build-args': { A: '1', B: true },
        },
        { image: 'ghcr.io/acme/web', platforms: 'linux/amd64,linux/arm64', 'build-args': 'C=x=y' },
      ]),
    );
    expect(imagesMatrix(images, {}).include).toEqual([
      {
        image: 'ghcr.io/acme/api',
        context: 'api',
        file: 'api/Containerfile',
        platforms: 'linux/arm64',
        'build-args': 'A=1\nB=true',
        runner: 'ubuntu-24.04-arm',
        name: 'ghcr.io-acme-api',
      },
      {
        image: 'ghcr.io/acme/web',
        context: '.',
        file: '',
        platforms: 'linux/amd64,linux/arm64',
        'build-args': 'C=x=y',
        runner: 'ubuntu-24.04',
        name: 'ghcr.io-acme-web',
      },
    ]);
    expect(imagesMatrix(images, { 'linux/arm64': 'own' }).include.map(({ runner }) => runner)).toEqual([
      'own',
      'ubuntu-24.04',
    ]);
    expect(() => imagesMatrix(images, { 'linux/s390x': 'z' })).toThrow(
      expect.objectContaining({ code: 'input-conflict' }),
    );
  });

  it('hands build arguments on as they are read', () => {
    const given = [{ ...API, 'build-args': '"A=a,b"\n"B=x\ny=z"\nC=1' }];
    expect(imagesMatrix(readImagesMatrix(JSON.stringify(given)), {}).include[0]?.['build-args']).toBe(
      'A=a,b\n"B=x\ny=z"\nC=1',
    );
  });

  it('may be written as a matrix', () => {
    expect(readImagesMatrix(JSON.stringify({ include: [API] }))).toMatchObject([
      { ...API, platforms: ['linux/amd64'] },
    ]);
  });

  it.each<[string, string, string]>([
    ['no JSON', '[{', 'not JSON'],
    ['none', '[]', 'no image'],
    ['no list', '{"include": {}}', 'where a list'],
    ['no object', '["ghcr.io/acme/api"]', 'where an object'],
    ['an unknown key', JSON.stringify([{ ...API, dockerfile: 'x' }]), 'unknown key'],
    ['no image', '[{"context": "api"}]', 'without an image'],
    ['an unknown platform', JSON.stringify([{ ...API, platforms: ['linux/aarch64'] }]), 'did you mean arm64'],
    ['a platform twice', JSON.stringify([{ ...API, platforms: 'linux/amd64, linux/amd64' }]), 'twice'],
    ['an image twice', JSON.stringify([API, { ...API, context: 'b' }]), 'twice'],
    ['an argument that is none', JSON.stringify([{ ...API, 'build-args': ['s3cret'] }]), 'NAME=value'],
    ['an argument that JSON changes', `[{"image": "ghcr.io/acme/api", "build-args": {"A": 1.20}}]`, 'in quotes'],
    ['an argument that JSON shortens', `[{"image": "ghcr.io/acme/api", "build-args": {"A": 1e3}}]`, 'in quotes'],
    ['an argument with lines', JSON.stringify([{ ...API, 'build-args': { A: 'b\nC=d' } }]), 'one line'],
    [
      'more than GitHub starts',
      JSON.stringify(Array.from({ length: 257 }, (_, n) => ({ image: `r.io/i${n}` }))),
      '256',
    ],
  ])('refuses %s', (_name, text, reason) => {
    expect(() => readImagesMatrix(text)).toThrow(invalid);
    expect(() => readImagesMatrix(text)).toThrow(reason);
  });

  it('takes numbers that stay what they are, and texts as they are', () => {
    const text =
      '[{"image": "ghcr.io/acme/api", "build-args": {"A": 8080, "B": -1.5, "C": "1.20", "D\\"1.0": "\\\\"}}]';
    expect(readImagesMatrix(text)[0]?.buildArgs).toEqual(['A=8080', 'B=-1.5', 'C=1.20', 'D"1.0=\\']);
  });

  it('refuses what is no image', () => {
    expect(() => readImagesMatrix('[{"image": "ghcr.io/acme/api:1"}]')).toThrow(
      expect.objectContaining({ code: 'reference-invalid' }),
    );
  });

  it('never shows a build argument', () => {
    expect(() => readImagesMatrix(JSON.stringify([{ ...API, 'build-args': ['s3cret'] }]))).not.toThrow('s3cret');
  });
});
