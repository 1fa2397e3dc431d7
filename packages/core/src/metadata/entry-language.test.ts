import { describe, expect, it } from 'vitest';
import { describeRef } from '../github/context.ts';
import type { TagSource } from './expressions.ts';
import { imageTags } from './tags.ts';

const SHA = '860c1904a1ce19322e91ac35af1ab07466440c37';
const none = { immutable: [], moving: [] };

function run(eventName: string, ref: string, change: Partial<TagSource> = {}): TagSource {
  return {
    ...describeRef(ref),
    sha: SHA,
    eventName,
    event: {},
    defaultBranch: 'main',
    pullRequestNumber: undefined,
    commitDate: new Date('2026-11-20T10:00:05Z'),
    now: new Date('2026-11-21T23:30:00Z'),
    ...change,
  };
}

const pull = { pullRequestNumber: 7, event: { pull_request: { base: { ref: 'release/1.x' } } } };

const EVENTS = {
  push: run('push', 'refs/heads/main'),
  feature: run('push', 'refs/heads/feature/New_Thing'),
  tag: run('push', 'refs/tags/v1.2.3', { event: { base_ref: 'refs/heads/release/1.x' } }),
  rc: run('push', 'refs/tags/v2.0.0-rc.1+build.5'),
  meta: run('push', 'refs/tags/v1.2.3+build.5'),
  zero: run('push', 'refs/tags/v0.4.1'),
  named: run('push', 'refs/tags/summer/2026'),
  mono: run('push', 'refs/tags/app/v1.2.3'),
  python: run('push', 'refs/tags/1.2.3rc2'),
  post: run('push', 'refs/tags/1.2.3.post1'),
  release: run('release', 'refs/tags/v1.2.3'),
  pr: run('pull_request', 'refs/pull/7/merge', pull),
  target: run('pull_request_target', 'refs/heads/main', pull),
  dispatch: run('workflow_dispatch', 'refs/heads/dev'),
  dispatchTag: run('workflow_dispatch', 'refs/tags/v1.2.3'),
  schedule: run('schedule', 'refs/heads/main'),
  scheduleOther: run('schedule', 'refs/heads/release-1.x', { refGiven: true }),
  queue: run('merge_group', 'refs/heads/gh-readonly-queue/main/pr-7-abc'),
  after: run('workflow_run', 'refs/heads/main'),
} satisfies Readonly<Record<string, TagSource>>;

type EventName = keyof typeof EVENTS;

/** The tags in order, without the commit's; on a pull request those that are not pushed, without the number's. */
function named(event: EventName, lines: string, flavor = ''): string {
  const split = (text: string) => text.split('\n').filter((line) => line !== '');
  const { tags, unpushed } = imageTags(EVENTS[event], { tags: split(lines), flavor: split(flavor) }, none);
  return [...tags.slice(1).map(({ name }) => name), ...unpushed.slice(1)].join(' ');
}

/** Event, lines of `tags`, tags. */
const CASES: readonly (readonly [EventName, string, string])[] = [
  ['schedule', 'type=schedule', 'nightly'],
  ['schedule', 'type=schedule,pattern=weekly', 'weekly'],
  ['schedule', "type=schedule,pattern={{date 'YYYYMMDD'}}", '20261121'],
  ['schedule', "type=schedule,pattern={{date 'YYYYMMDD' tz='Asia/Tokyo'}}", '20261122'],
  ['schedule', "type=schedule,pattern=c-{{commit_date 'YYYYMMDD-HHmmss'}}", 'c-20261120-100005'],
  ['schedule', 'type=schedule,prefix=n-', 'n-nightly'],
  ['push', 'type=schedule', ''],
  ['dispatch', 'type=schedule', ''],
  ['queue', 'type=schedule', ''],

  ['tag', 'type=semver,pattern={{version}}', '1.2.3 latest'],
  ['tag', 'type=semver,pattern=v{{version}}', 'v1.2.3 latest'],
  ['tag', 'type=semver,pattern={{raw}}', 'v1.2.3 latest'],
  ['tag', 'type=semver,pattern={{ major }}.{{ minor }}', '1.2 latest'],
  ['tag', 'type=semver,pattern={{major}}', '1 latest'],
  ['tag', 'type=semver,pattern={{major}}.{{minor}}.{{patch}}', '1.2.3 latest'],
  ['tag', 'type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}', '1.2.3 1.2 latest'],
  ['tag', 'type=semver,pattern={{version}},enable=false', ''],
  ['tag', 'type=semver,pattern={{version}},prefix=app-', 'app-1.2.3 latest'],
  ['tag', 'type=semver,pattern={{version}},suffix=-alpine', '1.2.3-alpine latest'],
  ['tag', 'type=semver,pattern={{version}},value=v3.4.5', '3.4.5 latest'],
  ['tag', 'type=semver,pattern={{version}}-{{sha}}', '1.2.3-860c190 latest'],
  ['zero', 'type=semver,pattern={{major}}', '0 latest'],
  ['zero', 'type=semver,pattern={{major}},enable=false\ntype=semver,pattern={{version}}', '0.4.1 latest'],
  ['rc', 'type=semver,pattern={{version}}', '2.0.0-rc.1'],
  ['rc', 'type=semver,pattern={{major}}.{{minor}}', '2.0.0-rc.1'],
  ['rc', 'type=semver,pattern={{raw}}', 'v2.0.0-rc.1-build.5'],
  ['rc', 'type=semver,pattern={{major}}\ntype=semver,pattern={{version}}', '2.0.0-rc.1'],
  ['release', 'type=semver,pattern={{version}}', '1.2.3 latest'],
  ['meta', 'type=semver,pattern={{version}}', '1.2.3 latest'],
  ['dispatchTag', 'type=semver,pattern={{version}}', '1.2.3 latest'],
  ['push', 'type=semver,pattern={{version}}', ''],
  ['push', 'type=semver,pattern={{major}}.{{minor}},value=1.2.3', '1.2 latest'],
  ['push', 'type=semver,pattern={{version}},value=nothing', ''],
  ['pr', 'type=semver,pattern={{version}}', ''],
  ['mono', 'type=semver,pattern={{version}},match=app/(.*)', '1.2.3 latest'],
  ['mono', 'type=semver,pattern={{version}},match=/V\\d.*/i', '1.2.3 latest'],
  ['tag', 'type=semver,pattern={{version}},match=nothing', '1.2.3 latest'],
  ['named', 'type=semver,pattern={{version}}\ntype=ref,event=tag', 'summer-2026 latest'],

  ['tag', 'type=pep440,pattern={{version}}', '1.2.3 latest'],
  ['tag', 'type=pep440,pattern={{major}}.{{minor}}', '1.2 latest'],
  ['python', 'type=pep440,pattern={{version}}', '1.2.3rc2'],
  ['python', 'type=pep440,pattern={{major}}', '1.2.3rc2'],
  ['python', 'type=pep440,pattern={{raw}}', '1.2.3rc2'],
  ['post', 'type=pep440,pattern={{major}}.{{minor}}', '1.2.3.post1'],
  ['push', 'type=pep440,pattern={{version}},value=1.0-ALPHA_3', '1.0a3'],
  ['push', 'type=pep440,pattern={{version}},value=1!2.0-1', '1-2.0.post1'],
  ['push', 'type=pep440,pattern={{version}},value=2.0.dev3', '2.0.dev3'],
  ['push', 'type=pep440,pattern={{version}},value=v2.0c1', '2.0rc1'],
  ['push', 'type=pep440,pattern={{version}},value=1.0+ubuntu-1', '1.0-ubuntu.1 latest'],
  ['push', 'type=pep440,pattern={{major}}.{{minor}}.{{patch}},value=2026.1', '2026.1.0 latest'],
  ['push', 'type=pep440,pattern={{version}},value=x', ''],
  ['push', 'type=pep440,pattern={{version}}', ''],

  ['tag', 'type=match,pattern=v(.*),group=1', '1.2.3 latest'],
  ['tag', 'type=match,pattern=\\d.\\d', '1.2 latest'],
  ['tag', 'type=match,"pattern=\\d{1,3}\\.\\d{1,3}"', '1.2 latest'],
  ['rc', 'type=match,pattern=v(\\d+),group=1', '2 latest'],
  ['named', 'type=match,pattern=/SUMMER/i', 'summer latest'],
  ['named', 'type=match,pattern=[a-z]+/(\\d+),group=1', '2026 latest'],
  ['named', 'type=match,pattern=.*', 'summer-2026 latest'],
  ['mono', 'type=match,pattern=app/v(.*),group=1', '1.2.3 latest'],
  ['push', 'type=match,pattern=.*', ''],
  ['push', 'type=match,pattern=\\d+,value=build-42', '42 latest'],
  ['tag', 'type=match,pattern=(x)?v,group=1\ntype=raw,value=a\ntype=ref,event=tag', 'v1.2.3 a latest'],

  ['push', 'type=edge', 'edge'],
  ['feature', 'type=edge', ''],
  ['dispatch', 'type=edge,branch=dev', 'edge'],
  ['dispatch', 'type=edge,branch={{branch}},prefix=x-', 'x-edge'],
  ['tag', 'type=edge', ''],
  ['after', 'type=edge', 'edge'],
  ['schedule', 'type=edge', 'edge'],

  ['push', 'type=ref,event=branch', 'main'],
  ['feature', 'type=ref,event=branch', 'feature-New_Thing'],
  ['feature', 'type=ref,event=branch,suffix=-{{sha}}', 'feature-New_Thing-860c190'],
  ['dispatch', 'type=ref,event=branch', 'dev'],
  ['after', 'type=ref,event=branch', 'main'],
  ['schedule', 'type=ref,event=branch', 'main'],
  ['queue', 'type=ref,event=branch', 'gh-readonly-queue-main-pr-7-abc'],
  ['tag', 'type=ref,event=branch', ''],
  ['tag', 'type=ref,event=tag', 'v1.2.3 latest'],
  ['release', 'type=ref,event=tag', 'v1.2.3 latest'],
  ['rc', 'type=ref,event=tag', 'v2.0.0-rc.1-build.5 latest'],
  ['named', 'type=ref,event=tag', 'summer-2026 latest'],
  ['push', 'type=ref,event=tag', ''],
  ['pr', 'type=ref,event=pr', ''],
  ['pr', 'type=ref,event=pr,prefix=pull-', 'pull-7'],
  ['target', 'type=ref,event=pr,prefix=', '7'],
  ['target', 'type=ref,event=branch', ''],
  ['pr', 'type=ref,event=branch', ''],
  ['push', 'type=ref,event=pr', ''],

  ['push', 'type=raw,value=', ''],
  ['push', 'type=raw,value=,prefix=x-', ''],
  ['push', 'type=raw,value=,enable=false\nstable', 'stable'],
  ['push', 'stable', 'stable'],
  ['push', 'type=raw,value=stable', 'stable'],
  ['push', 'type=raw,stable', 'stable'],
  ['push', ' type = raw , value = stable ', 'stable'],
  ['push', 'TYPE=raw,VALUE=Mixed', 'Mixed'],
  ['push', 'type=raw,value=latest,enable={{is_default_branch}}', 'latest'],
  ['feature', 'type=raw,value=latest,enable={{is_default_branch}}', ''],
  ['feature', 'type=raw,value=preview,enable={{is_not_default_branch}}', 'preview'],
  ['schedule', 'type=raw,value=latest,enable={{is_default_branch}}', 'latest'],
  ['scheduleOther', 'type=raw,value=latest,enable={{is_default_branch}}', ''],
  ['scheduleOther', 'type=edge', ''],
  ['target', 'type=raw,value=latest,enable={{is_default_branch}}', ''],
  ['target', 'type=raw,value=x{{branch}}', 'x'],
  ['target', 'type=edge', ''],
  ['tag', 'type=raw,value=latest,enable={{is_default_branch}}', ''],
  ['push', 'type=raw,value={{branch}}-{{sha}}', 'main-860c190'],
  ['feature', 'type=raw,value={{branch}}', 'feature-New_Thing'],
  ['tag', 'type=raw,value={{tag}}', 'v1.2.3'],
  ['push', 'type=raw,value={{tag}}', ''],
  ['tag', 'type=raw,value={{base_ref}}', 'release-1.x'],
  ['pr', 'type=raw,value={{base_ref}}', 'release-1.x'],
  ['push', "type=raw,value={{date 'YYYY.MM.DD'}}", '2026.11.21'],
  ['push', "type=raw,value={{date 'YYYY-[W]WW'}}", '2026-W47'],
  ['push', "type=raw,value={{date 'x'}}", '1795303800000'],
  ['push', "type=raw,value={{date 'X'}}-{{commit_date 'X'}}", '1795303800-1795168805'],
  ['push', "type=raw,value={{date 'MMM-Do-ddd-hhmma' tz='America/New_York'}}", 'Nov-21st-Sat-0630pm'],
  ['push', "type=raw,value={{date '\\YYYYY-YYYY'}}", 'YYYYY-2026'],
  ['push', "type=raw,value={{date '\\vYYYY\\-\\Q\\'}}", 'v2026-Q'],
  ['push', "type=raw,value={{date 'z-zz'}}", 'UTC-UTC'],
  ['push', "type=raw,value={{date 'z' tz='America/New_York'}}", 'EST'],
  ['push', 'type=raw,"value=a"', 'a'],
  ['push', 'a\nb\na', 'a b'],
  ['push', 'a#b', 'a-b'],
  ['queue', 'type=raw,value=queued', 'queued'],
  ['after', 'type=raw,value=x,prefix={{branch}}-', 'main-x'],

  ['push', 'type=sha', 'sha-860c190'],
  ['push', 'type=sha,prefix=', '860c190'],
  ['push', 'type=sha,prefix={{branch}}-', 'main-860c190'],
  ['push', 'type=sha,format=long', ''],
  ['push', 'type=sha,format=long,prefix=commit-', `commit-${SHA}`],
  ['pr', 'type=sha', 'sha-860c190'],
  ['tag', 'type=sha\ntype=semver,pattern={{version}}', '1.2.3 sha-860c190 latest'],

  ['tag', 'type=raw,value=a\ntype=ref,event=tag\ntype=semver,pattern={{major}}', '1 v1.2.3 a latest'],
  ['tag', 'type=raw,value=a,priority=2000\ntype=semver,pattern={{major}}', 'a 1'],
  ['push', 'type=raw,value=a,priority=1\ntype=raw,value=b,priority=2', 'b a'],
  ['tag', 'type=sha,priority=950\ntype=semver,pattern={{version}}', 'sha-860c190 1.2.3'],
  ['tag', 'latest\ntype=semver,pattern={{version}}', '1.2.3 latest'],
];

describe('the entry language', () => {
  it.each(CASES)('%s: %s', (event, lines, expected) => {
    expect(named(event, lines)).toBe(expected);
  });
});

describe('flavor', () => {
  it.each<readonly [EventName, string, string, string]>([
    ['push', 'a', 'latest=true', 'a latest'],
    ['tag', 'type=semver,pattern={{version}}', 'latest=false', '1.2.3'],
    ['tag', 'type=semver,pattern={{version}}', 'latest=auto', '1.2.3 latest'],
    ['tag', 'type=semver,pattern={{version}}', 'latest=highest', '1.2.3 latest'],
    ['tag', 'type=ref,event=tag', 'latest=highest', 'v1.2.3 latest'],
    ['meta', 'type=ref,event=tag', 'latest=highest', 'v1.2.3-build.5 latest'],
    ['rc', 'type=ref,event=tag', 'latest=highest', 'v2.0.0-rc.1-build.5'],
    ['push', 'type=ref,event=branch', 'latest=highest', 'main'],
    ['push', 'a', 'prefix=p-\nsuffix=-s', 'p-a-s'],
    ['push', 'a', 'prefix={{branch}}-', 'main-a'],
    ['push', 'type=raw,value=a,prefix=', 'prefix=p-', 'a'],
    ['push', 'type=sha', 'prefix=p-,onlatest=true', 'sha-860c190'],
    ['tag', 'type=semver,pattern={{version}}', 'suffix=-alpine,onlatest=true', '1.2.3-alpine latest-alpine'],
    ['tag', 'type=semver,pattern={{version}}', 'prefix=x-,onlatest=true\nsuffix=-y', 'x-1.2.3-y x-latest'],
  ])('%s: %s with %s', (event, lines, flavor, expected) => {
    expect(named(event, lines, flavor)).toBe(expected);
  });

  it.each(['latest=maybe', 'prefix', 'onlatest=true', 'latest=true,onlatest=true', 'prefix=a,onlatest=x', 'other=1'])(
    'refuses %s',
    (flavor) => {
      expect(() => named('push', 'a', flavor)).toThrowError(expect.objectContaining({ code: 'input-invalid' }));
    },
  );
});

describe('what is not supported', () => {
  it.each<readonly [string, string]>([
    ['type=branch', 'there is no type "branch"'],
    ['type=ref', 'needs "event="'],
    ['type=ref,event=push', '"event=push" is none of branch, tag, pr'],
    ['type=sha,format=medium', '"format=medium" is none of short, long'],
    ['type=semver', 'needs "pattern="'],
    ['type=semver,pattern=', 'needs "pattern="'],
    ['type=raw', 'needs "value="'],
    ['type=semver,patern={{version}}', 'did you mean "pattern"?'],
    ['type=raw,value=a,enable=maybe', '"enable=maybe" is neither true nor false'],
    ['type=raw,value=a,priority=high', '"priority=high"'],
    ['type=raw,value=a,value=b', '"value" stands there twice'],
    ['type=raw,value={{#if x}}a{{/if}}', '{{#if x}}'],
    ['type=raw,value={{{branch}}}', '{{{branch}}'],
    ['type=raw,value={{branch', '{{branch'],
    ['type=raw,value={{brnch}}', 'did you mean {{branch}}?'],
    ['type=raw,value={{branch x}}', '{{branch x}}'],
    ["type=raw,value={{branch 'x'}}", '{{branch}} takes no arguments'],
    ["type=raw,value={{date 'LL'}}", '"LL" is not supported'],
    ["type=raw,value={{date 'z' tz='Asia/Tokyo'}}", '"z" is not supported for Asia/Tokyo'],
    ["type=raw,value={{date 'zz' tz='Europe/London'}}", '"z" is not supported for Europe/London'],
    ["type=raw,value={{date 'YYYY' tz='Mars/Base'}}", 'no time zone "Mars/Base"'],
    ["type=raw,value={{date 'YYYY' locale='de'}}", 'no option "locale"'],
    ['type=match,pattern=(,value=a', 'not a regular expression'],
    ['type=match,pattern=a,group=x,value=a', '"group=x"'],
    ['type=raw,value={{date "YYYY"}}', 'double quote'],
    ['"type=raw', 'double quote'],
  ])('%s', (line, message) => {
    expect(() => named('push', line)).toThrowError(
      expect.objectContaining({ code: 'input-invalid', message: expect.stringContaining(message) }),
    );
  });

  it('is the commit date where nobody knows it', () => {
    const source = { ...EVENTS.push, commitDate: undefined };
    const lines = ["type=raw,value={{commit_date 'YYYY'}}"];
    expect(() => imageTags(source, { tags: lines }, none)).toThrowError(
      expect.objectContaining({ code: 'input-invalid' }),
    );
  });
});
