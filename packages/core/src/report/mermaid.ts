import type { BoxState, Diagram } from './diagram.ts';
import { visible } from '../runtime/visible.ts';
import { codeBlock } from './markdown.ts';

/** Strokes only: a fill would be unreadable in one of GitHub's two themes. */
const STROKES: Readonly<Record<BoxState, string>> = {
  good: 'stroke:#1a7f37,stroke-width:2px',
  bad: 'stroke:#cf222e,stroke-width:3px',
  idle: 'stroke:#8c959f,stroke-dasharray:4',
  fact: 'stroke:#0969da',
};

/** The text of a mermaid flow chart (mermaid.js.org/syntax/flowchart.html). */
export function mermaid({ title, boxes, arrows }: Diagram): string {
  const used = [...new Set(boxes.map(({ state }) => state))];
  return [
    'flowchart LR',
    `  accTitle: ${plain(title)}`,
    ...boxes.map(({ lines, state }, index) => `  n${index}["${lines.map(quoted).join('<br>')}"]:::${state}`),
    ...arrows.map(([from, to]) => `  n${from} --> n${to}`),
    ...used.map((state) => `  classDef ${state} ${STROKES[state]}`),
  ].join('\n');
}

/** As GitHub draws it in a job summary; empty without boxes. */
export function mermaidBlock(diagram: Diagram): string {
  return diagram.boxes.length === 0 ? '' : codeBlock(mermaid(diagram), 'mermaid');
}

/** Inside quotes only mermaid's own entities are safe: a backtick would start Markdown, a quote would end the label. */
function quoted(text: string): string {
  return plain(text).replaceAll(/[#"<>&`]/g, (character) => `#${character.codePointAt(0)};`);
}

function plain(text: string): string {
  return visible(text).replaceAll(/\s+/g, ' ').trim();
}
