import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hexOf } from '@plimsoll/core/oci/digest';
import { openLayout } from '@plimsoll/core/oci/layout';
import { platformsOf } from '@plimsoll/core/oci/platforms';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { meddlingBuilder } from '@plimsoll/testkit/faults/stand-in-builder';
import { leaksOf, secretForms } from '@plimsoll/testkit/runner/leaks';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { type GitServer, startGitServer } from '@plimsoll/testkit/world/git-server';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type Variables = Readonly<Record<string, string>>;

let world: World;
let open: GitServer;
let closed: GitServer;
let sbomGenerator: string;

beforeAll(async () => {
  world = await startWorld({ parts: ['ghcr', 'hub', 'buildkit'] });
  open = await startGitServer(world.lifetime);
  closed = await startGitServer(world.lifetime, world.token);
  sbomGenerator = await world.images.sbomGenerator();
});
afterAll(() => world.close());

function build(context: string, inputs: Variables = {}, env: Variables = {}): Promise<ActionRun> {
  const given = { image: `${world.ghcr.host}/acme/app`, 'sbom-generator': sbomGenerator, context, ...inputs };
  return runAction({ action: 'build', world, inputs: given, env });
}

const dockerfile = (text: string) => `FROM scratch\nARG VERSION\nLABEL of=${text}\nCOPY . /\n`;

/** The labels of the image that was built. */
async function labelsOf({ outputs }: ActionRun): Promise<Readonly<Record<string, string>>> {
  const layout = await openLayout(outputs['layout'] ?? '');
  const [platform] = await platformsOf(layout, layout.root.digest);
  const manifest = JSON.parse((await layout.manifest(platform?.descriptor.digest ?? '')).bytes.toString()) as {
    config: { digest: `sha256:${string}` };
  };
  const config = path.join(layout.directory, 'blobs/sha256', hexOf(manifest.config.digest));
  return (JSON.parse(readFileSync(config, 'utf8')) as { config: { Labels: Record<string, string> } }).config.Labels;
}

describe('a git repository as the context', () => {
  it('is built at its default branch, and its Dockerfile is found', async () => {
    open.commit('plain', 'main', { 'docker/Dockerfile': dockerfile('plain'), file: 'x' });
    const step = await build(`${open.url}/plain.git`);
    expect(codeOf(step), step.log).toBeUndefined();
    expect(await labelsOf(step)).toMatchObject({ of: 'plain' });
  });

  it('is built at a ref and in a directory', async () => {
    open.commit('many', 'main', { Dockerfile: dockerfile('main') });
    open.commit('many', 'next', { 'app/Containerfile': dockerfile('next'), Dockerfile: dockerfile('root') });
    const step = await build(`${open.url}/many.git#next:app`);
    expect(codeOf(step), step.log).toBeUndefined();
    expect(await labelsOf(step)).toMatchObject({ of: 'next' });
    const named = await build(`${open.url}/many.git#next`, { file: 'app/Containerfile' });
    expect(await labelsOf(named)).toMatchObject({ of: 'next' });
  });

  it('is built at the commit that was looked at', async () => {
    const commit = open.commit('moving', 'main', { Dockerfile: dockerfile('first') });
    const called = path.join(world.lifetime.folder('watch'), 'called');
    const script = `printf '%s' "$context" > '${called}'`;
    const buildx = meddlingBuilder(world.lifetime.folder('watch'), { buildx: world.tools.buildx ?? '', script });
    const program = readFileSync(buildx, 'utf8').replace('#!/bin/sh\n', '#!/bin/sh\nfor context in "$@"; do :; done\n');
    writeFileSync(buildx, program, { mode: 0o755 });
    const step = await build(`${open.url}/moving.git#main`, {}, { PLIMSOLL_TOOL_BUILDX: buildx });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(readFileSync(called, 'utf8')).toBe(`${open.url}/moving.git#${commit}`);
  });

  it('that has no Dockerfile names the places', async () => {
    open.commit('empty', 'main', { file: 'x' });
    const step = await build(`${open.url}/empty.git`);
    expect(codeOf(step), step.log).toBe('dockerfile-missing');
    expect(step.shown).toContain('docker/Dockerfile');
  });

  it.each(['absent.git', 'plain.git#no-such-branch'])('that is not there (%s) is named', async (name) => {
    expect(codeOf(await build(`${open.url}/${name}`))).toBe('git-unreadable');
  });
});

describe('a private repository', () => {
  it('is opened with a secret, which stands in no argument and in no output', async () => {
    closed.commit('secret', 'main', { Dockerfile: dockerfile('secret') });
    const step = await build(`${closed.url}/secret.git`, { secrets: `GIT_AUTH_TOKEN=${world.token}` });
    expect(codeOf(step), step.log).toBeUndefined();
    expect(await labelsOf(step)).toMatchObject({ of: 'secret' });
    expect(leaksOf(step, secretForms('x-access-token', world.token))).toEqual([]);
    const index = readFileSync(path.join(step.outputs['layout'] ?? '', 'index.json'), 'utf8');
    expect(index).not.toContain(world.token);
  });

  it('is opened with the token of the run if it is that of the run, and no other is', async () => {
    closed.commit('acme/app', 'main', { Dockerfile: dockerfile('own') });
    const own = { GITHUB_SERVER_URL: closed.url };
    const step = await build(`${closed.url}/acme/app.git#main`, {}, own);
    expect(codeOf(step), step.log).toBeUndefined();
    closed.commit('acme/sibling', 'main', { Dockerfile: dockerfile('sibling') });
    expect(codeOf(await build(`${closed.url}/acme/sibling.git`, {}, own))).toBe('git-unreadable');
    const elsewhere = open.authorizations.length;
    open.commit('elsewhere', 'main', { Dockerfile: dockerfile('elsewhere') });
    expect(codeOf(await build(`${open.url}/elsewhere.git`))).toBeUndefined();
    expect(new Set(open.authorizations.slice(elsewhere))).toEqual(new Set(['none']));
  });

  it('stays closed without one', async () => {
    expect(codeOf(await build(`${closed.url}/secret.git`))).toBe('git-unreadable');
  });
});
