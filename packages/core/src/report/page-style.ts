/** The whole style of a page; system fonts, and colours that keep a contrast of 4.5 in both schemes (WCAG 2.2, 1.4.3). */
export const PAGE_STYLE = `:root { --text: #1f2328; --quiet: #59636e; --page: #ffffff; --soft: #f6f8fa; --line: #d1d9e0;
  --good: #1a7f37; --bad: #cf222e; --idle: #818b98; --fact: #0969da; --warn: #9a6700; }
@media (prefers-color-scheme: dark) {
  :root { --text: #f0f6fc; --quiet: #9198a1; --page: #0d1117; --soft: #151b23; --line: #3d444d;
    --good: #3fb950; --bad: #f85149; --idle: #9198a1; --fact: #4493f8; --warn: #d29922; } }
body { margin: 0; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
main { max-width: 1100px; margin: 0 auto; padding: 24px 16px 64px; }
h2 { font-size: 24px; border-bottom: 1px solid var(--line); padding-bottom: 8px; overflow-wrap: anywhere; }
h3 { font-size: 18px; margin-top: 32px; }
a { color: var(--fact); }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace; font-size: 13px; }
code { background: var(--soft); border-radius: 4px; padding: 2px 4px; overflow-wrap: anywhere; }
pre { background: var(--soft); border-radius: 6px; padding: 12px; overflow-x: auto; }
pre code { background: none; padding: 0; }
table { border-collapse: collapse; display: block; overflow-x: auto; margin: 16px 0; }
th, td { border: 1px solid var(--line); padding: 6px 12px; text-align: left; vertical-align: top; }
th:empty { padding: 0; } td code { white-space: nowrap; }
.mark { font-style: normal; font-weight: 700; } .mark-good { color: var(--good); } .mark-bad { color: var(--bad); }
.mark-idle { color: var(--quiet); } .mark-warn { color: var(--warn); }
tr:nth-child(even) td { background: var(--soft); }
[align=right] { text-align: right; font-variant-numeric: tabular-nums; }
details { margin: 16px 0; border: 1px solid var(--line); border-radius: 6px; padding: 8px 12px; }
summary { cursor: pointer; font-weight: 600; }
figure { margin: 16px 0; overflow-x: auto; }
.diagram { max-width: 100%; height: auto; min-width: 480px; }
.diagram text { font: 13px ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace; fill: var(--text); }
.diagram rect { fill: var(--soft); stroke-width: 2; }
.box-good rect { stroke: var(--good); } .box-bad rect { stroke: var(--bad); stroke-width: 3; }
.box-idle rect { stroke: var(--idle); stroke-dasharray: 5 4; } .box-fact rect { stroke: var(--fact); }
.arrow { fill: none; stroke: var(--idle); stroke-width: 1.5; } .tip { fill: var(--idle); }
.trends { display: grid; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); gap: 12px; margin: 16px 0; }
.trend { border: 1px solid var(--line); border-radius: 8px; padding: 12px 16px; }
.trend p { margin: 0; } .trend-name, .trend-change { color: var(--quiet); font-size: 13px; }
.trend-now { font-size: 20px; font-weight: 600; font-variant-numeric: tabular-nums; }
.trend .trend-change { margin-bottom: 10px; } .alarm .trend-now { color: var(--bad); }
.bars { display: block; width: 100%; height: auto; } .ground { stroke: var(--line); } .gap { fill: var(--idle); }
.tone-fact .all { fill: var(--fact); } .tone-idle .all { fill: var(--idle); } .tone-good .all { fill: var(--good); }
.bars .bad { fill: var(--bad); }
@media (max-width: 600px) { td { white-space: nowrap; } }
@media print { details > * { display: block; } figure { break-inside: avoid; } }`;
