import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from '@plimsoll/testkit/evidence/evidence-world';
import { type ActionRun, runAction } from '@plimsoll/testkit/runner/run-action';
import { alpineTree, SCAN_ADVISORIES } from '@plimsoll/testkit/scan/subjects';
import type { PublishedDatabases } from '@plimsoll/testkit/world/databases/databases';
import { startWorld, type World } from '@plimsoll/testkit/world/world';
import { afterAll, beforeAll, expect, it } from 'vitest';

let world: World;
let databases: PublishedDatabases;
let sbomGenerator: string;
let started = 100;

beforeAll(async () => {
  world = await startWorld({ parts: ['sigstore', 'ghcr', 'hub', 'buildkit'], tools: ['trivy', 'osv-scanner'] });
  [databases, sbomGenerator] = await Promise.all([
    world.databases.publish(SCAN_ADVISORIES),
    world.images.sbomGenerator(),
  ]);
});
afterAll(() => world.close());

/** A push to `main` whose image has this version of musl. */
function release(musl: string, inputs: Record<string, string> = {}): Promise<ActionRun> {
  started += 1;
  const cwd = world.lifetime.folder('workspaces', musl);
  for (const [file, content] of Object.entries(alpineTree(musl))) {
    mkdirSync(path.join(cwd, 'root', path.dirname(file)), { recursive: true });
    writeFileSync(path.join(cwd, 'root', file), content);
  }
  writeFileSync(path.join(cwd, 'Dockerfile'), 'FROM scratch\nCOPY root /\nUSER 1000\n');
  const { issuer, signingConfig, trustedRoot } = world.sigstore;
  return runAction({
    action: 'pipeline',
    world,
    cwd,
    env: {
      GITHUB_RUN_ID: String(started),
      GITHUB_WORKFLOW_REF: 'acme/app/.github/workflows/release.yml@refs/heads/main',
    },
    inputs: {
      image: `${world.ghcr.host}/acme/app`,
      tags: 'main',
      'force-rebuild': 'true',
      'sbom-generator': sbomGenerator,
      'trivy-db': databases.trivyDb,
      'osv-db': databases.osvDb,
      'signing-config': signingConfig,
      'trusted-root': trustedRoot,
      'certificate-oidc-issuer': issuer,
      ...inputs,
    },
  });
}

/** What the GitHub emulator was asked for of this. */
function askedFor(part: string): readonly string[] {
  return world.github.requests.map(({ path: asked }) => asked).filter((asked) => asked.includes(part));
}

function finishedRun(id: number, conclusion: string) {
  world.github.runs.all.push({
    id,
    name: 'Release',
    file: 'release.yml',
    run_number: id,
    html_url: `https://github.com/acme/app/actions/runs/${id}`,
    head_branch: 'main',
    event: 'push',
    status: 'completed',
    conclusion,
    run_started_at: '2026-11-20T10:00:00Z',
    updated_at: `2026-11-20T10:0${id}:00Z`,
  });
}

it('a run asks for nothing of what was before unless somebody wants to see it', async () => {
  const step = await release('1.2.5-r5');
  expect(codeOf(step), step.log).toBeUndefined();
  expect(askedFor('/actions/')).toEqual([]);
  expect(step.summary).not.toContain('Trends');
});

it('the next release tells how size, findings, duration and success went, and which packages changed', async () => {
  finishedRun(3, 'success');
  finishedRun(4, 'failure');
  const step = await release('1.2.5-r6', { report: 'html' });
  expect(codeOf(step), step.log).toBeUndefined();
  expect(askedFor('/actions/workflows/release.yml/runs')).toHaveLength(1);
  expect(step.summary).toContain('1.2.5-r5 → 1.2.5-r6');
  expect(step.summary).toMatch(/\| Size, all platforms \| \d/);
  expect(step.summary).toMatch(/\| Findings \| 0 high or critical \| \d+ below.* \| [▁-█]{2} \|/);
  expect(step.summary).toContain('| Runs that passed | 50 % | 1 of 2 | 🟩🟥 |');
  const html = readFileSync(step.outputs['report-html'] ?? '', 'utf8');
  expect(html.match(/<svg class="bars"/g)).toHaveLength(4);
  expect(html).not.toMatch(/<(?:script|link|img|iframe)\b/);
});

it('a run that may not ask for the runs says so, tells the rest, and passes', async () => {
  world.github.runs.denied = true;
  const step = await release('1.2.5-r7', { trends: 'true' });
  expect(codeOf(step), step.log).toBeUndefined();
  expect(step.outputs['tags']).toContain('main');
  expect(step.summary).toContain('Earlier runs could not be read');
  expect(step.summary).toMatch(/\| Findings \|.*\| [▁-█]{3} \|/);
  expect(step.summary).toContain('1.2.5-r6 → 1.2.5-r7');
});
