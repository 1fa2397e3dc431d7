import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { replayingBuilder } from '@plimsoll/testkit/faults/stand-in-builder';
import { writeImageLayout } from '@plimsoll/testkit/layout/image-layout';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const VALUE = 'hunter2-and-more';

let world: World;
let workspace: string;
let builder: string;
let called: string;

beforeAll(async () => {
  world = await startWorld({ parts: ['ghcr'] });
  workspace = world.lifetime.folder('workspace');
  writeFileSync(path.join(workspace, 'Dockerfile'), 'FROM scratch\nARG VERSION\nCOPY a /\n');
  const made = world.lifetime.folder('made');
  const layout = await writeImageLayout(made, [{ architecture: 'amd64', layers: [{ a: 'b' }] }]);
  called = path.join(made, 'called');
  builder = replayingBuilder(world.lifetime.folder('builder'), layout);
  // Notes how it was called, and what a secret's file held, before it answers.
  const notes = `printf '%s\\n' "$@" > '${called}'; env >> '${called}'
previous=; for each in "$@"; do [ "$previous" = --secret ] && cat "\${each#*src=}" > '${called}.secret'; previous=$each; done`;
  writeFileSync(builder, readFileSync(builder, 'utf8').replace('#!/bin/sh\n', `#!/bin/sh\n${notes}\n`));
});
afterAll(() => world.close());

type Texts = Readonly<Record<string, string>>;

function run(action: string, inputs: Texts, env: Texts = {}): Promise<ActionRun> {
  const given = { image: `${world.ghcr.host}/acme/options`, ...inputs };
  return runAction({ action, world, cwd: workspace, inputs: given, env: { PLIMSOLL_TOOL_BUILDX: builder, ...env } });
}

describe('build', () => {
  it('passes on what it was told, and secrets in files only', async () => {
    const options = { 'secret-envs': 'npm=NPM_TOKEN', target: 'final', 'no-cache': 'true', 'cache-to': 'type=gha' };
    const step = await run('build', { ...options, provenance: 'min' }, { NPM_TOKEN: VALUE });
    expect(codeOf(step), step.log).toBeUndefined();
    const seen = readFileSync(called, 'utf8');
    for (const part of ['--target\nfinal', '--no-cache', 'type=gha,ignore-error=true', '--provenance=mode=min']) {
      expect(seen).toContain(part);
    }
    expect(seen).toContain('--build-arg\nVERSION=main');
    expect(seen).not.toContain(VALUE);
    expect(readFileSync(`${called}.secret`, 'utf8')).toBe(VALUE);
    expect(existsSync(/src=(\S+)/.exec(seen)?.[1] ?? '/')).toBe(false);
    expect(step.masks).toContain(VALUE);
    expect(step.shown).not.toContain(VALUE);
  });

  it('adds what it published to the list of artifacts', async () => {
    const list = path.join(world.lifetime.folder('lists'), 'artifacts');
    const step = await run('build', { push: 'true' }, { GITHUB_ARTIFACTS: list });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(readFileSync(list, 'utf8')).toBe(`oci://${step.outputs['image']}\n`);
  });

  it('shows what the checks say at the line of the Dockerfile', async () => {
    const program = path.join(world.lifetime.folder('checking'), 'buildx');
    const short = Buffer.from('MaintainerDeprecated: no').toString('base64');
    const digest = '"containerimage.digest"';
    const warnings = `"buildx.build.warnings":[{"short":"${short}","range":[{"start":{"line":3}}]}],${digest}`;
    writeFileSync(program, readFileSync(builder, 'utf8').replace(digest, warnings), { mode: 0o755 });
    const step = await run('build', {}, { PLIMSOLL_TOOL_BUILDX: program });
    expect(step.annotations).toMatchObject([
      { level: 'warning', message: 'MaintainerDeprecated: no', file: 'Dockerfile', line: 3 },
    ]);
  });

  it.each<readonly [string, Texts]>([
    ['a secret that is empty', { secrets: 'npm=' }],
    ['a variable that is not set', { 'secret-envs': 'npm=NPM_TOKEN' }],
    ['a file that is not there', { 'secret-files': 'npm=.npmrc' }],
    ['a line without a name', { secrets: VALUE }],
    ['an agent that is not there', { ssh: 'default' }],
    ['a network that is none', { network: 'bridge' }],
    ['a credential in an argument', { 'cache-from': `type=s3,secret_access_key=${VALUE}` }],
  ])('refuses %s', async (_name, inputs) => {
    const step = await run('build', inputs);
    expect(codeOf(step), step.log).toBe('input-invalid');
    expect(step.shown).not.toContain(VALUE);
  });
});

describe('pipeline', () => {
  it.each([{ provenance: 'off' }, { sbom: 'false' }])(
    'does not leave out what the policy requires: %o',
    async (off) => {
      expect(codeOf(await run('pipeline', off))).toBe('input-conflict');
    },
  );
});
