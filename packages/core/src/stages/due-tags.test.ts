import { describe, expect, it } from 'vitest';
import { PlimsollError } from '../runtime/errors.ts';
import { silentLog } from '../runtime/log.ts';
import { dueTags } from './due-tags.ts';
import { describeRef } from '../github/context.ts';
import { settleHighest } from '../metadata/highest.ts';
import { imageTags } from '../metadata/tags.ts';

const rule = (line: string, version = '1.2.3', prefix = '', suffix = '') => ({
  name: `${prefix}${line || 'latest'}${suffix}`,
  class: 'moving' as const,
  highest: { version, line, prefix, suffix },
});

describe('settleHighest', () => {
  it.each<readonly [string, string, readonly string[], string | undefined]>([
    ['nothing is published', '', [], undefined],
    ['it is the highest', '', ['1.2.2', 'v0.9.0', '1.2.3'], undefined],
    ['another line is higher', '', ['2.0.0'], '2.0.0'],
    ['another line is higher, in its own line', '1.2', ['2.0.0', '1.3.0'], undefined],
    ['its own line is higher', '1.2', ['v1.2.10', '1.2.4'], '1.2.10'],
    ['its own major line is higher', '1', ['1.10.0', '10.0.0'], '1.10.0'],
    ['a pre-release is higher', '', ['2.0.0-rc.1', '2', 'sha-2.0.0'], undefined],
    ['a higher line is published alone', '', ['1.3'], '1.3.0'],
    ['a higher line is published alone, in its own line', '1', ['v1.3', '2.0'], '1.3.0'],
    ['the day of a nightly image is published', '', ['2026.11.21', '2026.11', '20261121.7'], undefined],
    ['its own line is published', '', ['1.2', '1'], undefined],
    ['a line only begins alike', '1.2', ['1.20.9'], undefined],
  ])('when %s', (_name, line, published, higher) => {
    const { tags, held } = settleHighest([rule(line)], published);
    expect(held).toEqual(higher === undefined ? [] : [{ name: line || 'latest', higher }]);
    expect(tags).toHaveLength(higher === undefined ? 1 : 0);
  });

  it('compares years with years', () => {
    expect(settleHighest([rule('', '2025.4.0')], ['2026.1.0']).held).toMatchObject([{ higher: '2026.1.0' }]);
    expect(settleHighest([rule('', '2026.1.0')], ['1.2.3', '2025.4.0']).held).toEqual([]);
  });

  it('compares within one family of prefix and suffix', () => {
    const tag = rule('', '1.2.3', 'app-', '-alpine');
    expect(settleHighest([tag], ['2.0.0', 'app-2.0.0', 'web-2.0.0-alpine']).held).toEqual([]);
    expect(settleHighest([tag], ['app-v1.3.0-alpine']).held).toMatchObject([{ higher: '1.3.0' }]);
  });
});

describe('tags of one push', () => {
  const backport = (lines: string, published: readonly string[], flavor = '') => {
    const source = {
      ...describeRef('refs/tags/v1.2.9'),
      sha: 'e'.repeat(40),
      eventName: 'push',
      event: {},
      defaultBranch: 'main',
      pullRequestNumber: undefined,
      now: new Date(0),
    };
    const inputs = { tags: lines.split('\n'), flavor: flavor === '' ? [] : [flavor] };
    const { tags } = imageTags(source, inputs, { immutable: [], moving: [] });
    const settled = settleHighest(tags, published);
    return settled.held.map(({ name }) => name).join(' ');
  };

  it.each<readonly [string, string, string, string]>([
    [
      'text before the version',
      'type=semver,pattern=app-{{version}}\ntype=semver,pattern=app-{{major}}',
      'app-1.3.0',
      'app-1 latest',
    ],
    [
      'text behind it',
      'type=semver,pattern={{version}}-alpine\ntype=semver,pattern={{major}}-alpine',
      '1.3.0-alpine',
      '1-alpine latest',
    ],
    ['a v', 'type=semver,pattern=v{{major}}\ntype=semver,pattern=v{{version}}', '1.3.0', 'v1 latest'],
    ['slashes', 'type=semver,pattern={{major}},prefix=a/b/', 'a-b-1.3.0', 'a-b-1 latest'],
    ['lines alone', 'type=semver,pattern={{major}}.{{minor}}\ntype=semver,pattern={{major}}', '1.3', '1 latest'],
    ['another variant first', 'type=semver,pattern={{version}},suffix=-alpine', '1.3.0', 'latest'],
    ['a full version', 'type=semver,pattern={{version}}', '1.3.0', 'latest'],
    ['the git tag', 'type=ref,event=tag', '1.3.0', 'latest'],
    ['a part of the git tag', 'type=match,pattern=\\d.\\d', '1.3.0', 'latest'],
    ['PEP 440', 'type=pep440,pattern={{version}}', 'v1.3.0', 'latest'],
    ['a latest that was written out', 'type=semver,pattern={{version}}\nlatest', '1.3.0', ''],
  ])('leave what a higher version holds, with %s', (_name, lines, published, held) => {
    expect(backport(lines, [published])).toBe(held);
    expect(backport(lines, [published.replace('1.3', '1.1')])).toBe('');
  });

  it.each<readonly [string, string, string]>([
    ['suffix=-alpine,onlatest=true', '1.3.0-alpine', 'latest-alpine'],
    ['suffix=-alpine,onlatest=true', '1.3.0', ''],
    ['latest=true', '1.3.0', ''],
  ])('follow the flavor %s where %s is published', (flavor, published, held) => {
    expect(backport('type=semver,pattern={{version}}', [published], flavor)).toBe(held);
  });
});

describe('dueTags', () => {
  const list = (tags: () => Promise<readonly string[]>) => ({ label: 'r/app', tags });
  const failing = (code: 'registry-not-found' | 'registry-denied') =>
    list(() => Promise.reject(new PlimsollError(code, 'no', { hint: 'no' })));

  it('asks nothing where nothing depends on it', async () => {
    const plain = [{ name: 'main', class: 'moving' as const }];
    expect(await dueTags(failing('registry-denied'), plain, silentLog)).toEqual(plain);
  });

  it('takes a repository that is not there yet for an empty one, and nothing else', async () => {
    expect(await dueTags(failing('registry-not-found'), [rule('')], silentLog)).toHaveLength(1);
    await expect(dueTags(failing('registry-denied'), [rule('')], silentLog)).rejects.toMatchObject({
      code: 'registry-denied',
    });
  });

  it('says which tag stays and why', async () => {
    const said: string[] = [];
    const log = { ...silentLog, notice: (text: string) => said.push(text) };
    expect(
      await dueTags(
        list(async () => ['2.0.0']),
        [rule(''), rule('1')],
        log,
      ),
    ).toHaveLength(1);
    expect(said).toEqual(['r/app:latest stays where it is: 2.0.0 is higher']);
  });
});
