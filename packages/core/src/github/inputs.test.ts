import { describe, expect, it } from 'vitest';
import { isFailure } from '../runtime/errors.ts';
import { readInputs } from './inputs.ts';

const NAMES = ['image', 'dry-run', 'tags', 'mode', 'build-args', 'platforms', 'github-token'] as const;

function inputs(values: Record<string, string>, masked: string[] = []) {
  return readInputs(NAMES, values, { mask: (value) => masked.push(value) });
}

function codeOf(body: () => unknown): string | undefined {
  try {
    body();
  } catch (error) {
    return isFailure(error) ? error.code : String(error);
  }
  return undefined;
}

describe('readInputs', () => {
  it('trims, and takes an empty input for an absent one', () => {
    expect(inputs({ INPUT_IMAGE: '  ghcr.io/acme/app \n' }).required('image')).toBe('ghcr.io/acme/app');
    expect(inputs({ INPUT_IMAGE: '  ' }).text('image')).toBeUndefined();
    expect(codeOf(() => inputs({}).required('image'))).toBe('input-missing');
  });

  it('refuses an input that is not declared and names the nearest', () => {
    expect(() => inputs({ INPUT_DRY_RUN: 'true' })).toThrowError(
      expect.objectContaining({ code: 'input-unknown', hint: expect.stringContaining('"dry-run:"') }),
    );
    expect(codeOf(() => inputs({ INPUT_QQQQQQQQQ: '1' }))).toBe('input-unknown');
    expect(codeOf(() => inputs({ INPUT_QQQQQQQQQ: '' }))).toBeUndefined();
  });

  it('says what takes the place of an input of the actions that it replaces', () => {
    const hint = (name: string) =>
      expect.objectContaining({ code: 'input-unknown', hint: expect.stringContaining(name) });
    expect(() => inputs({ INPUT_LOAD: 'true' })).toThrowError(hint('"layout"'));
    expect(() => inputs({ INPUT_OUTPUTS: 'type=docker' })).toThrowError(hint('"push"'));
    expect(() => inputs({ 'INPUT_CGROUP-PARENT': 'x' })).toThrowError(hint('"builder"'));
  });

  it.each([
    ['true', true],
    ['True', true],
    ['FALSE', false],
    ['', false],
  ])('reads the boolean %j', (text, expected) => {
    expect(inputs({ 'INPUT_DRY-RUN': text }).boolean('dry-run')).toBe(expected);
  });

  it.each(['yes', '1', 'tRue', 'on'])('refuses the boolean %j', (text) => {
    expect(codeOf(() => inputs({ 'INPUT_DRY-RUN': text }).boolean('dry-run'))).toBe('input-invalid');
  });

  it('gives the fallback of an absent boolean', () => {
    expect(inputs({}).boolean('dry-run', true)).toBe(true);
  });

  it('reads lines without blanks and comments, and lists with commas', () => {
    expect(inputs({ INPUT_TAGS: 'a\r\n\n # no\n b #c\n' }).lines('tags')).toEqual(['a', 'b #c']);
    expect(inputs({ INPUT_PLATFORMS: 'linux/amd64, linux/arm64\nlinux/s390x,' }).list('platforms')).toEqual([
      'linux/amd64',
      'linux/arm64',
      'linux/s390x',
    ]);
  });

  it('reads choices and names the allowed ones', () => {
    expect(inputs({}).choice('mode', ['plan', 'apply'])).toBe('plan');
    expect(inputs({ INPUT_MODE: 'apply' }).choice('mode', ['plan', 'apply'])).toBe('apply');
    expect(() => inputs({ INPUT_MODE: 'aply' }).choice('mode', ['plan', 'apply'])).toThrowError(
      expect.objectContaining({ code: 'input-invalid', hint: expect.stringContaining('plan, apply') }),
    );
  });

  it('reads pairs; the value may hold an equals sign or be empty', () => {
    expect(inputs({ 'INPUT_BUILD-ARGS': 'A=1\nB=x=y\nC=' }).pairs('build-args')).toEqual({ A: '1', B: 'x=y', C: '' });
    expect(codeOf(() => inputs({ 'INPUT_BUILD-ARGS': 'A=1\nA=2' }).pairs('build-args'))).toBe('input-invalid');
  });

  it('reads quoted pairs as they are, and trims the others', () => {
    const given = '"LIST=a,b"\n"LINES=line1\nline2=x"\n"PAD= x "\n TRIM = y \nJSON={"a":"b"}';
    expect(inputs({ 'INPUT_BUILD-ARGS': given }).pairs('build-args')).toEqual({
      LIST: 'a,b',
      LINES: 'line1\nline2=x',
      PAD: ' x ',
      TRIM: 'y',
      JSON: '{"a":"b"}',
    });
    expect(codeOf(() => inputs({ 'INPUT_BUILD-ARGS': '"A=1' }).pairs('build-args'))).toBe('input-invalid');
  });

  it('leaves quotes in lines to whoever reads them', () => {
    expect(inputs({ INPUT_TAGS: '"type=raw","value=a"' }).lines('tags')).toEqual(['"type=raw","value=a"']);
  });

  it('does not repeat a malformed pair, which may be a secret', () => {
    expect(() => inputs({ 'INPUT_BUILD-ARGS': 'hunter2' }).pairs('build-args')).toThrowError(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });

  it('masks a secret when it is read', () => {
    const masked: string[] = [];
    expect(inputs({ 'INPUT_GITHUB-TOKEN': 'ghs_x' }, masked).secret('github-token')).toBe('ghs_x');
    expect(inputs({}, masked).secret('github-token')).toBeUndefined();
    expect(masked).toEqual(['ghs_x']);
  });
});
