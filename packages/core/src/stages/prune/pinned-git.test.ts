import { recordingClock } from '@plimsoll/testkit/github/answering-server';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGitHubApi } from '../../github/api.ts';
import type { GitPins } from '../../policy/retention.ts';
import { createHttp } from '../../runtime/http.ts';
import { pinsFromGit } from './pinned-git.ts';

const PACKAGE = 'ghcr.io/acme/app';
const DIGEST = `sha256:${'a'.repeat(64)}`;

let world: World;
beforeEach(async () => {
  world = await startWorld({ parts: ['github'] });
  const files: [string, string, string][] = [
    ['main', 'deploy/prod/app.yaml', `image: ${PACKAGE}:v1\n`],
    ['main', 'README.md', `docker run ${PACKAGE}:v0\n`],
    ['release/2', 'charts/values.yaml', `image:\n  repository: ${PACKAGE}\n  tag: "2.10"\n`],
    ['release/1', 'charts/values.yaml', `image: ${PACKAGE}@${DIGEST}\n`],
    ['next', 'charts/values.yaml', `image: ${PACKAGE}:next\n`],
  ];
  for (const [ref, path, content] of files)
    world.github.repositories.setFileAt({ repository: 'acme/deploy', ref, path, content });
});
afterEach(() => world.close());

const http = createHttp();
function pins(...git: GitPins[]) {
  const api = createGitHubApi({ apiUrl: world.github.apiUrl, token: world.token, http, clock: recordingClock() });
  return pinsFromGit(api, { git, repository: 'acme/app', package: PACKAGE });
}
const at = (refs: string[], files: string[]): GitPins => ({ repository: 'acme/deploy', refs, files });

it('keeps what manifests, values and references name at each ref, and says where', async () => {
  const found = await pins(at(['main'], ['deploy/**/*.yaml']), at(['release/*'], ['charts/*.yaml']));
  expect(Object.fromEntries(found.tags)).toEqual({
    v1: 'protect/git acme/deploy@main:deploy/prod/app.yaml',
    '2.10': 'protect/git acme/deploy@release/2:charts/values.yaml',
  });
  expect([...found.digests.keys()]).toEqual([DIGEST]);
});

it('reads the repository of the run when none is named, and no file that no pattern names', async () => {
  world.github.setFile('acme/app', 'compose.yaml', `image: ${PACKAGE}:edge\n`);
  world.github.setFile('acme/app', 'secret.txt', 'x');
  const found = await pins({ refs: ['main'], files: ['compose.yaml'] });
  expect([...found.tags.keys()]).toEqual(['edge']);
  expect(world.github.requests.filter(({ path }) => path.includes('/git/blobs/'))).toHaveLength(1);
});

it.each([
  ['a ref that is not there', () => at(['gone'], ['charts/*.yaml'])],
  ['a pattern of branches without a branch', () => at(['hotfix/*'], ['charts/*.yaml'])],
  ['a pattern without a file', () => at(['main'], ['charts/*.yaml'])],
  ['a repository that is not there', () => ({ ...at(['main'], ['x']), repository: 'acme/nothing' })],
  [
    'a repository that may not be read',
    () => {
      world.github.repositories.unreadable.add('acme/deploy');
      return at(['main'], ['deploy/**']);
    },
  ],
  [
    'a list that was cut short',
    () => {
      world.github.git.truncated = true;
      return at(['main'], ['deploy/**']);
    },
  ],
  [
    'a file that cannot be read',
    () => {
      world.github.intercept = ({ path }) => (path.includes('/git/blobs/') ? { status: 403, body: {} } : undefined);
      return at(['main'], ['deploy/**']);
    },
  ],
])('stops at %s', async (_what, ask) => {
  await expect(pins(ask())).rejects.toMatchObject({
    code: 'file-unreadable',
    hint: expect.stringContaining('nothing was deleted'),
  });
});
