import { describe, expect, it } from 'vitest';
import { htmlPage } from './html-page.ts';
import { code, escape, link, table } from './markdown.ts';
import { mermaidBlock } from './mermaid.ts';
import { pipelinePage, type PipelineSummary } from './pipeline-summary.ts';

const page = (markdown: string) => htmlPage({ title: 'A <title>', markdown, diagrams: [] });

describe('htmlPage', () => {
  it('shows the tables and headings of a summary', () => {
    const html = page(`## Fine\n\n${table(['Tag', { heading: 'Size', align: 'right' }], [[code('1.2.3'), '2 MB']])}`);
    expect(html).toContain('<h2>Fine</h2>');
    expect(html).toContain('<td align="left"><code>1.2.3</code></td>');
    expect(html).toContain('<td align="right">2 MB</td>');
  });

  it('asks nobody for anything, and runs nothing', () => {
    const html = page(
      `${link('a', 'https://example.test/x')} ${escape('<script src="https://evil.test/x"></script>')}`,
    );
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(html).not.toMatch(/<(?:script|link|img|iframe|object)\b/i);
    expect(html).not.toMatch(/url\(\s*["']?http|@import/);
    expect(html).toContain('<title>A &lt;title&gt;</title>');
  });

  it('draws the diagrams that the summary has as mermaid', () => {
    const diagram = { title: 'one', boxes: [{ lines: ['build'], state: 'good' as const }], arrows: [] };
    const html = htmlPage({ title: 'x', markdown: mermaidBlock(diagram), diagrams: [diagram] });
    expect(html).toContain('<svg class="diagram"');
    expect(html).not.toContain('flowchart');
  });
});

describe('pipelinePage', () => {
  const run: PipelineSummary = {
    image: 'ghcr.io/acme/app',
    version: '1.2.3',
    resumed: false,
    stages: [
      { stage: 'build', result: 'done', detail: 'linux/amd64', milliseconds: 2100 },
      { stage: 'scan', result: 'failed', detail: 'stopped here' },
      { stage: 'publish', result: 'skipped', detail: '' },
    ],
    platforms: [],
    pullable: false,
    tags: [],
    commands: [],
    policy: 'the defaults',
    scan: '## Scan failed',
  };

  it('is the summary with its way drawn', () => {
    const html = pipelinePage(run);
    for (const part of ['class="box-good"', 'class="box-bad"', 'class="box-idle"', 'stopped at scan']) {
      expect(html).toContain(part);
    }
    expect(html).not.toContain('```');
  });
});
