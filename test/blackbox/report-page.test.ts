// What runs inside the page needs its types.
/// <reference lib="dom" />
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { evidenceDiagram } from '@plimsoll/core/report/evidence-diagram';
import { pipelinePage, type PipelineSummary } from '@plimsoll/core/report/pipeline-summary';
import { PREDICATE_TYPES } from '@plimsoll/core/sigstore/predicates';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** As Debian and Google install it. */
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/google-chrome'];
const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-sync',
];
const digest = `sha256:${'a'.repeat(64)}` as const;
const platform = `sha256:${'b'.repeat(64)}` as const;

const run: PipelineSummary = {
  image: 'ghcr.io/acme/app',
  version: '<script>alert(1)</script>',
  digest,
  resumed: false,
  stages: (['build', 'scan', 'publish', 'sign', 'verify', 'tag'] as const).map((stage) => ({
    stage,
    result: 'done',
    detail: 'linux/amd64, linux/arm64',
    milliseconds: 4321,
  })),
  pullable: true,
  platforms: [{ platform: 'linux/amd64', digest: platform, size: 6_200_000 }],
  tags: [{ name: 'main', class: 'moving', action: 'create' }],
  commands: [`cosign verify --certificate-identity ${'x'.repeat(200)}`],
  policy: 'the defaults',
  evidence: evidenceDiagram({
    digest,
    bundles: [digest, platform].map((subject) => ({
      referrer: digest,
      subject,
      subjectName: subject === digest ? 'index' : 'linux/amd64',
      predicateType: PREDICATE_TYPES.signature,
      accepted: true,
    })),
  }),
  contents: {
    before: platform,
    difference: {
      packages: { added: ['jq 1.7.1'], removed: [], changed: [{ name: 'musl', from: '1.2.4', to: '1.2.5' }] },
      vulnerabilities: { appeared: [], gone: [{ name: 'CVE-2026-1 in musl', severity: 'high' }] },
    },
  },
  trends: {
    tag: 'latest',
    releases: [3, 2, 2, 4, 3, 1, 0, 2, 1, 0].map((high, index) => ({
      digest,
      name: `1.${index}.0`,
      at: new Date(Date.UTC(2026, 10, index + 1, 9, 30)),
      size: 5_400_000 + index * 80_000 + (index === 6 ? 900_000 : 0),
      findings: { high, below: 9 - index },
    })),
    runs: Array.from({ length: 20 }, (_none, index) => ({
      number: 41 + index,
      url: `https://github.com/acme/app/actions/runs/${index}`,
      startedAt: new Date(Date.UTC(2026, 10, index + 1, 9)),
      result: index === 4 || index === 11 ? 'failure' : 'success',
      milliseconds: 92_000 + ((index * 7919) % 31) * 1000,
    })),
    notes: ['2 earlier releases are deleted.'],
  },
};

let browser: Browser;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-page-'));
  writeFileSync(path.join(folder, 'report.html'), pipelinePage(run));
  const executablePath = BROWSERS.find((file) => existsSync(file)) ?? BROWSERS[0] ?? '';
  browser = await chromium.launch({ executablePath, args: QUIET, chromiumSandbox: false });
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

interface Seen {
  readonly page: Page;
  readonly requests: readonly string[];
  readonly complaints: readonly string[];
}

async function look(options: Parameters<Browser['newContext']>[0]): Promise<Seen> {
  const page = await (await browser.newContext(options)).newPage();
  const [requests, complaints]: [string[], string[]] = [[], []];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`file://${folder}/report.html`);
  return { page, requests, complaints };
}

/** The contrast of text with what is behind it (WCAG 2.2, "contrast ratio"), of every element with text of its own. */
function leastContrast(page: Page): Promise<number> {
  return page.evaluate(() => {
    const channels = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number);
    const light = (color: string) => {
      const [red = 0, green = 0, blue = 0] = channels(color)
        .slice(0, 3)
        .map((value) => value / 255)
        .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const behind = (element: Element | null): string => {
      if (element === null) return 'rgb(255, 255, 255)';
      const color = getComputedStyle(element).backgroundColor;
      return channels(color)[3] === 0 ? behind(element.parentElement) : color;
    };
    const texts = [...document.body.querySelectorAll('*')].filter(
      (element) => !(element instanceof SVGElement) && (element.firstChild?.textContent ?? '').trim() !== '',
    );
    const ratios = texts.map((element) => {
      const [a, b] = [light(getComputedStyle(element).color), light(behind(element))];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    });
    return Math.min(...ratios);
  });
}

describe.each(['light', 'dark'] as const)('the page of a run in %s', (colorScheme) => {
  it('is drawn without script, without a request, and without complaint', async () => {
    const { page, requests, complaints } = await look({ colorScheme, javaScriptEnabled: false });
    expect(requests).toEqual([expect.stringMatching(/^file:/)]);
    expect(complaints).toEqual([]);
    expect(await page.locator('svg.diagram').first().isVisible()).toBe(true);
    expect(await page.locator('script').count()).toBe(0);
    const picture = await page.screenshot({ fullPage: true });
    expect(picture.length).toBeGreaterThan(20_000);
  });

  it('can be read', async () => {
    const { page } = await look({ colorScheme });
    expect(await leastContrast(page)).toBeGreaterThanOrEqual(4.5);
  });

  it('fits a phone', async () => {
    const { page } = await look({ colorScheme, viewport: { width: 390, height: 800 } });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });
});

it('shows the two schemes in different colours, and what came from outside as text', async () => {
  const colours = await Promise.all(
    (['light', 'dark'] as const).map(async (colorScheme) => {
      const { page } = await look({ colorScheme });
      return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    }),
  );
  expect(new Set(colours).size).toBe(2);
  const { page } = await look({});
  expect(await page.locator('h2').first().textContent()).toContain('<script>alert(1)</script>');
});

it('draws each trend, with numbers for who points at a bar, and all of them in tables', async () => {
  const { page } = await look({ javaScriptEnabled: false });
  const charts = page.locator('.trends svg');
  expect(await charts.count()).toBe(4);
  for (const chart of await charts.all()) expect((await chart.boundingBox())?.height).toBeGreaterThan(30);
  expect(await page.locator('.bars g').first().locator('title').textContent()).toBe('1.0.0: 5.4 MB');
  const colours = await page.evaluate(() =>
    ['.tone-fact .all', '.tone-good .all', '.bars .bad'].map((each) => {
      const bar = document.querySelector(each);
      return bar === null ? '' : getComputedStyle(bar).fill;
    }),
  );
  expect(new Set(colours).size).toBe(3);
  await page.locator('summary', { hasText: 'The numbers' }).click();
  expect(await page.getByRole('cell', { name: '1.6.0' }).isVisible()).toBe(true);
  expect(await page.getByRole('cell', { name: '#52' }).isVisible()).toBe(true);
});

it('says what changed since the image before', async () => {
  const { page } = await look({});
  await page.locator('summary', { hasText: '1 changed, 1 added' }).click();
  expect(await page.getByRole('cell', { name: '1.2.4 → 1.2.5' }).isVisible()).toBe(true);
});

it('unfolds the evidence', async () => {
  const { page } = await look({});
  const graph = page.locator('details svg.diagram');
  expect(await graph.isVisible()).toBe(false);
  await page.locator('summary', { hasText: 'evidence' }).click();
  expect(await graph.isVisible()).toBe(true);
});
