import { symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { ensureTools } from '@plimsoll/testkit/toolbox/ensure-tools';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let world: World;
let programs: string;
let image: string;

beforeAll(async () => {
  world = await startWorld({ parts: ['ghcr'] });
  image = `${world.ghcr.host}/acme/app`;
  programs = world.lifetime.folder('programs');
  symlinkSync((await ensureTools(['docker-compose']))['docker-compose'], path.join(programs, 'docker-compose'));
});
afterAll(() => world.close());

/** Plans, unless told otherwise: the compose file is looked at before anything is built. */
function build(compose: string | undefined, env: Readonly<Record<string, string>> = {}, action = 'build') {
  const cwd = world.lifetime.folder('workspaces', String(Math.random()));
  writeFileSync(path.join(cwd, 'Dockerfile'), 'FROM scratch\nCOPY . /\n');
  if (compose !== undefined) writeFileSync(path.join(cwd, 'compose.yml'), compose.replaceAll('IMAGE', image));
  const PATH = `${programs}${path.delimiter}${process.env['PATH'] ?? ''}`;
  const inputs = { image, 'compose-file': 'compose.yml', 'dry-run': env['REALLY'] ? 'false' : 'true', push: 'true' };
  return runAction({ action, world, cwd, inputs, env: { PATH, ...env } });
}

function service(text: string): string {
  return `services:\n  db: { image: "postgres:17" }\n  web: ${text}\n`;
}

function code(step: ActionRun): string | undefined {
  return codeOf(step);
}

describe('a compose file', () => {
  it.each<readonly [string, string, Readonly<Record<string, string>>]>([
    ['a tag that the run writes', '{ image: "IMAGE:main" }', {}],
    ['a variable of the step', '{ image: "IMAGE:${TAG}" }', { TAG: 'main' }],
    ['the default of a variable', '{ image: "IMAGE:${TAG:-main}" }', {}],
    ['the Dockerfile', '{ build: . }', {}],
    [
      'a tag, and want a secret to be set',
      '{ image: "IMAGE:main", environment: { P: "${DB_PASSWORD:?}" } }',
      { DB_PASSWORD: 'x' },
    ],
    ['a profile', '{ image: "IMAGE:main", profiles: [debug] }', {}],
  ])('may name the image by %s', async (_what, text, env) => {
    const step = await build(service(text), env);
    expect(code(step), step.log).toBeUndefined();
    expect(step.log).toContain('compose.yml: web will get this image');
  });

  it.each<readonly [string, string | undefined, string]>([
    ['that is not there', undefined, 'compose-invalid'],
    ['that includes what is elsewhere', 'include: ["https://127.0.0.1/evil/${TAG}.git"]', 'compose-invalid'],
    ['that is not YAML', 'services: {', 'compose-invalid'],
    ['with a key that nobody knows', service('{ imagee: "IMAGE:main" }'), 'compose-invalid'],
    ['with a variable that has to be set', service('{ image: "IMAGE:${TAG:?missing}" }'), 'compose-invalid'],
    ['with a variable that is not set', service('{ image: "IMAGE:${TAG}" }'), 'compose-mismatch'],
    ['with another tag', service('{ image: "IMAGE:old" }'), 'compose-mismatch'],
    ['with another Dockerfile', service('{ image: "IMAGE:main", build: ./web }'), 'compose-mismatch'],
    ['with another tag beside what is built', service('{ image: "IMAGE:old", build: . }'), 'compose-mismatch'],
    ['with another target', service('{ image: "IMAGE:main", build: { context: ., target: x } }'), 'compose-mismatch'],
    ['with a Dockerfile of its own', service('{ build: { dockerfile_inline: "FROM scratch" } }'), 'compose-mismatch'],
    ['without this image', service('{ image: "nginx:1" }'), 'compose-mismatch'],
  ])('%s stops the run', async (_what, text, expected) => {
    expect(code(await build(text))).toBe(expected);
  });

  it('is looked at before anything is built or asked, in the whole path as well', async () => {
    const before = world.ghcr.front.requests.length;
    const wrong = service('{ image: "IMAGE:${PASSWORD}", environment: { PASSWORD: "${PASSWORD}" } }');
    const step = await build(wrong, { REALLY: 'yes', PASSWORD: 'hunter2-and-more' }, 'pipeline');
    expect([code(step), world.ghcr.front.requests.length - before]).toEqual(['compose-mismatch', 0]);
    expect(step.shown).not.toContain('hunter2-and-more');
  });

  it('cannot be told about without docker compose', async () => {
    expect(code(await build(service('{ image: "IMAGE:main" }'), { PATH: world.lifetime.folder('empty') }))).toBe(
      'tool-missing',
    );
  });
});
