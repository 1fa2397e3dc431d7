import { describe, expect, it } from 'vitest';
import type { Digest } from '../oci/digest.ts';
import { PREDICATE_TYPES } from '../sigstore/predicates.ts';
import type { BundleReport } from '../stages/verify/report.ts';
import type { Diagram } from './diagram.ts';
import { diagramSvg } from './diagram-svg.ts';
import { evidenceDiagram } from './evidence-diagram.ts';
import { mermaid, mermaidBlock } from './mermaid.ts';

const diagram: Diagram = {
  title: 'Two\nstages',
  boxes: [
    { lines: ['build', '2 s'], state: 'good' },
    { lines: ['scan "x" <b>`#`'], state: 'bad' },
  ],
  arrows: [[0, 1]],
};

describe('mermaid', () => {
  it('draws boxes, arrows and what they say', () => {
    expect(mermaid(diagram).split('\n')).toEqual([
      'flowchart LR',
      '  accTitle: Two stages',
      '  n0["build<br>2 s"]:::good',
      '  n1["scan #34;x#34; #60;b#62;#96;#35;#96;"]:::bad',
      '  n0 --> n1',
      expect.stringMatching(/^ {2}classDef good /),
      expect.stringMatching(/^ {2}classDef bad /),
    ]);
  });

  it('is no block when there is nothing to draw', () => {
    expect(mermaidBlock({ title: 'x', boxes: [], arrows: [] })).toBe('');
  });
});

const numbers = (svg: string, tag: string, name: string) =>
  [...svg.matchAll(new RegExp(`<${tag} (?:[^>]* )?${name}="([\\d.]+)"`, 'g'))].map(([, value]) => Number(value));

describe('diagramSvg', () => {
  it('puts what follows to the right, and shows text as text', () => {
    const svg = diagramSvg(diagram);
    const [first = 0, second = 0] = numbers(svg, 'rect', 'x');
    expect(second).toBeGreaterThan(first);
    expect(svg).toContain('scan &quot;x&quot; &lt;b&gt;`#`');
    expect(svg).toContain('<title>Two\nstages</title>');
  });

  it('never puts two boxes in one place', () => {
    const star: Diagram = {
      title: 'star',
      boxes: Array.from({ length: 5 }, (_none, index) => ({ lines: [`${index}`], state: 'fact' as const })),
      arrows: [1, 2, 3, 4].map((to) => [0, to] as const),
    };
    const svg = diagramSvg(star);
    const places = numbers(svg, 'rect', 'x').map((x, index) => `${x},${numbers(svg, 'rect', 'y')[index]}`);
    expect(new Set(places).size).toBe(5);
  });
});

const digest: Digest = `sha256:${'a'.repeat(64)}`;
const platform: Digest = `sha256:${'b'.repeat(64)}`;
const bundle = (more: Partial<BundleReport>): BundleReport => ({
  referrer: `sha256:${'c'.repeat(64)}`,
  subject: digest,
  subjectName: 'index',
  predicateType: PREDICATE_TYPES.signature,
  accepted: true,
  ...more,
});

describe('evidenceDiagram', () => {
  it('hangs evidence on what it is about, and refused evidence apart', () => {
    const { boxes, arrows } = evidenceDiagram({
      digest,
      bundles: [
        bundle({}),
        bundle({}),
        bundle({ accepted: false, refusal: 'identity' }),
        bundle({ subject: platform, subjectName: 'linux/amd64', predicateType: PREDICATE_TYPES.spdx }),
      ],
    });
    expect(boxes.map(({ lines }) => lines)).toEqual([
      ['image', 'sha256:aaaaaaaaaaaa'],
      ['signature × 2'],
      ['signature', 'refused: identity'],
      ['linux/amd64', 'sha256:bbbbbbbbbbbb'],
      ['spdx'],
    ]);
    expect(arrows).toEqual([
      [0, 1],
      [0, 2],
      [0, 3],
      [3, 4],
    ]);
    expect(boxes[2]?.state).toBe('bad');
  });
});
