import { Marked } from 'marked';
import type { Diagram } from './diagram.ts';
import { diagramSvg } from './diagram-svg.ts';
import { escapeHtml } from './markdown.ts';
import { mermaid } from './mermaid.ts';
import { PAGE_STYLE } from './page-style.ts';

export interface HtmlPage {
  /** Plain text. */
  readonly title: string;
  /** A summary as the job has it; everything from outside is escaped in it already. */
  readonly markdown: string;
  /** Those that stand in the summary as mermaid; they are drawn here. */
  readonly diagrams: readonly Diagram[];
}

/**
 * A summary as one file that asks nobody for anything: no script, no request, its own style for light and dark.
 * The content security policy makes that hold even for a summary that somebody managed to write into.
 */
export function htmlPage({ title, markdown, diagrams }: HtmlPage): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>
${PAGE_STYLE}
</style>
</head>
<body>
<main>
${withMarks(renderer(diagrams).parse(markdown, { async: false }).trim())}
</main>
</body>
</html>
`;
}

/** What says how something ended, in characters that text fonts have: a page is read where there may be no emoji. */
const MARKS: Readonly<Record<string, { readonly kind: string; readonly sign: string }>> = {
  '✅': { kind: 'good', sign: '✔' },
  '❌': { kind: 'bad', sign: '✘' },
  '⚠️': { kind: 'warn', sign: '▲' },
  '⏭️': { kind: 'idle', sign: '»' },
};

function withMarks(html: string): string {
  return html.replaceAll(/✅|❌|⚠️|⏭️/gu, (emoji) => {
    const { kind, sign } = MARKS[emoji] ?? { kind: 'idle', sign: emoji };
    return `<i class="mark mark-${kind}">${sign}</i>`;
  });
}

function renderer(diagrams: readonly Diagram[]): Marked {
  const drawings = new Map(diagrams.map((diagram) => [mermaid(diagram), diagram]));
  return new Marked({
    gfm: true,
    renderer: {
      code({ text, lang }) {
        const diagram = lang === 'mermaid' ? drawings.get(text) : undefined;
        return diagram === undefined ? false : `<figure>${diagramSvg(diagram)}</figure>\n`;
      },
    },
  });
}
