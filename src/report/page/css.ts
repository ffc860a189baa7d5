const LIGHT = `
  --page: #f6f8fa; --surface: #fff; --sunken: #eef1f4; --line: #d0d7de; --grid: #e4e8ec;
  --text: #1f2328; --dim: #59636e; --link: #0550ae;
  --ok: #0072b2; --fail: #d55e00; --fail-text: #b03a00; --info: #a86e00; --good-text: #00603f; --warn-text: #855500;
  --leader: #00734f; --leader-2: #1d6673; --on-leader: #fff; --candidate: #9b4f7c; --follower: #6e7781;
  --conflict: #c2410c; --conflict-wash: #ffd9c2;
  --banner-valid: #00603f; --banner-invalid: #a32c00; --banner-unknown: #6f4600; --banner-threshold: #6f4600;
  --f0: #7b4ea3; --f1: #8c5a2b; --f2: #0f766e; --f3: #b03a7a; --f4: #52606d; --f5: #66720a;`;
const DARK = `
    --page: #0d1117; --surface: #151b23; --sunken: #1e2630; --line: #3d444d; --grid: #262d36;
    --text: #e6edf3; --dim: #9aa4af; --link: #79b8ff;
    --ok: #56b4e9; --fail: #ff8a4c; --fail-text: #ff9c66; --info: #e69f00; --good-text: #3fcf9a; --warn-text: #f0b429;
    --leader: #1fae85; --leader-2: #56a6b4; --on-leader: #07130f; --candidate: #cc79a7; --follower: #8b949e;
    --conflict: #ff8a4c; --conflict-wash: #5c2508;
    --banner-valid: #0b4d36; --banner-invalid: #8a2500; --banner-unknown: #5f3d00; --banner-threshold: #5f3d00;
    --f0: #b79ae0; --f1: #d9a066; --f2: #4fd1c5; --f3: #f08cc0; --f4: #a8b3c2; --f5: #c5d14a;`;

/** Colours are tokens by meaning; each has at least 3:1 as a mark and 4.5:1 as text on both themes. */
export const TOKENS = `
:root { color-scheme: light dark;${LIGHT} }
@media (prefers-color-scheme: dark) { :root:not([data-theme=light]) {${DARK} } }
:root[data-theme=dark] { color-scheme: dark;${DARK} }
:root[data-theme=light] { color-scheme: light; }
`;

/** What all charts share, in a page or in a file of their own. */
export const CHART_CSS = `.chart { display: block; width: 100%; height: auto; font-size: 11px; }
.chart text { fill: var(--text); }
.chart-box { background: var(--surface); border: 1px solid var(--line); border-radius: 8px; padding: 8px; }
#timeline-chart { min-width: 900px; }
.evidence-chart { min-width: 520px; }
.chart .tick, .chart .lane-name { fill: var(--dim); }
.chart .lane-name { font-weight: 600; }
.chart .plot-title { font-weight: 600; }
.grid { stroke: var(--grid); fill: none; }
.actor-line { stroke: var(--line); fill: none; }
.plate { fill: var(--surface); stroke: none; opacity: .93; }
.halo { paint-order: stroke; stroke: var(--surface); stroke-width: 4px; stroke-linejoin: round; }
.hatch { fill: none; stroke-width: 1.6; }
.hatch-fault-0 { stroke: var(--f0); } .hatch-fault-1 { stroke: var(--f1); } .hatch-fault-2 { stroke: var(--f2); }
.hatch-fault-3 { stroke: var(--f3); } .hatch-fault-4 { stroke: var(--f4); } .hatch-fault-5 { stroke: var(--f5); stroke-width: 2.5; }
.hatch-conflict { stroke: var(--conflict); stroke-width: 2.4; } .hatch-stale { stroke: var(--follower); }
.hatch-candidate { stroke: var(--candidate); stroke-width: 2; } .hatch-paused { stroke: var(--info); stroke-width: 1.8; }
.hatch-info { stroke: var(--info); } .hatch-no-leader { stroke: var(--fail); stroke-width: 1; }
.fault-0 .bar { fill: url(#hatch-fault-0); stroke: var(--f0); } .fault-1 .bar { fill: url(#hatch-fault-1); stroke: var(--f1); }
.fault-2 .bar { fill: url(#hatch-fault-2); stroke: var(--f2); } .fault-3 .bar { fill: url(#hatch-fault-3); stroke: var(--f3); }
.fault-4 .bar { fill: url(#hatch-fault-4); stroke: var(--f4); } .fault-5 .bar { fill: url(#hatch-fault-5); stroke: var(--f5); }
.fault .no-effect { fill: none; stroke-dasharray: 4 3; }
.fault-0 .wash, .fault-0 .band { fill: var(--f0); } .fault-1 .wash, .fault-1 .band { fill: var(--f1); }
.fault-2 .wash, .fault-2 .band { fill: var(--f2); } .fault-3 .wash, .fault-3 .band { fill: var(--f3); }
.fault-4 .wash, .fault-4 .band { fill: var(--f4); } .fault-5 .wash, .fault-5 .band { fill: var(--f5); }
.wash { opacity: .08; }
.lead .body { stroke: var(--surface); stroke-width: .5; }
.lead-0 .body { fill: var(--leader); } .lead-1 .body { fill: var(--leader-2); }
.chart .lead text { font-weight: 600; } .chart .lead-0 > text:not(.plate + text), .chart .lead-1 > text:not(.plate + text) { fill: var(--on-leader); }
.lead.stale .body { fill: url(#hatch-stale); stroke: var(--follower); stroke-width: 1; }
.lead.conflict .body { fill: url(#hatch-conflict); stroke: var(--conflict); stroke-width: 2; }
.chart .conflict text { fill: var(--fail-text); font-weight: 700; }
.dispute rect { fill: var(--conflict); opacity: .16; } .chart .dispute text { fill: var(--fail-text); font-weight: 700; }
.no-leader { fill: url(#hatch-no-leader); stroke: none; }
.role-leader { fill: var(--leader); } .role-conflict { fill: var(--conflict-wash); stroke: var(--conflict); stroke-width: 1.6; } .role-candidate { fill: url(#hatch-candidate); stroke: var(--candidate); stroke-width: .8; }
.role-follower { fill: var(--follower); opacity: .45; }
.client-ok { fill: var(--ok); opacity: .6; } .client-fail { fill: var(--fail); } .client-info { fill: var(--info); }
.role-down { fill: none; stroke: var(--fail); stroke-dasharray: 3 3; }
.paused { fill: url(#hatch-paused); stroke: var(--info); stroke-width: .8; }
.chart .mark { font-weight: 700; paint-order: stroke; stroke: var(--surface); stroke-width: 3px; }
.chart .mark-leader { fill: var(--on-leader); stroke: none; font-size: 10px; } .chart .mark-conflict { fill: var(--fail-text); stroke: none; font-size: 10px; }
.chart .mark-down { fill: var(--fail-text); }
.snapshot { fill: var(--surface); stroke: var(--text); stroke-width: 1; } .snapshot.installed { fill: var(--text); }
.commit { fill: none; stroke: var(--text); stroke-width: 1.3; }
.line { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
.line.line-ok { stroke: var(--ok); stroke-width: 2; } .line.line-fail { stroke: var(--fail); stroke-dasharray: 5 3; } .line.line-info { stroke: var(--info); stroke-dasharray: 2 2; }
.line.line-p50 { stroke: var(--ok); stroke-width: 2; } .line.line-p95 { stroke: var(--leader); stroke-dasharray: 6 2; }
.line.line-p99 { stroke: var(--candidate); } .line.line-max { stroke: var(--follower); stroke-width: 1; stroke-dasharray: 2 2; }
.end-label { font-weight: 600; }
.violation-line { stroke: var(--conflict); stroke-width: 1.6; stroke-dasharray: 5 3; fill: none; }
.violation rect { fill: var(--banner-invalid); }
.chart .violation text { fill: #fff; font-weight: 700; }
.cursor { stroke: var(--text); stroke-width: 1; fill: none; }
.op rect { fill: var(--sunken); stroke: var(--ok); stroke-width: 1.4; }
.op-fail rect { stroke-dasharray: 4 3; } .op-info rect, .op-open rect { fill: url(#hatch-info); stroke: var(--info); }
.culprit rect { fill: var(--conflict-wash); stroke: var(--conflict); stroke-width: 2.2; }
.op text { font-weight: 600; } .chart .culprit text { fill: var(--fail-text); }
.then path { fill: none; stroke: var(--dim); stroke-width: 1.4; stroke-dasharray: 4 3; } .then .head { fill: var(--dim); stroke: none; }
.evidence-chart { font-size: 12px; }
.marker circle { fill: var(--text); } .chart .marker text { fill: var(--surface); font-size: 10px; font-weight: 700; }
`;

/** The style sheet of the report and of the list of runs. No colour is the only sign of anything. */
export const CSS = `${TOKENS}
* { box-sizing: border-box; }
html { scroll-padding-top: 3rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
a { color: var(--link); }
.wide { max-width: 1240px; margin: 0 auto; padding: 0 20px; }
.skip { position: absolute; left: -999px; background: var(--surface); padding: 8px 12px; z-index: 9; }
.skip:focus { left: 8px; top: 8px; }
.defs { position: absolute; }
:focus-visible { outline: 3px solid var(--ok); outline-offset: 2px; }
code, pre { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
h1, h2, h3, p { margin: 0; }
.dim { color: var(--dim); font-weight: normal; }
.good { color: var(--good-text); } .fail { color: var(--fail-text); } .warn { color: var(--warn-text); }

.banner { color: #fff; }
.banner-valid { background: var(--banner-valid); } .banner-invalid { background: var(--banner-invalid); }
.banner-unknown { background: var(--banner-unknown); } .banner-threshold { background: var(--banner-threshold); }
.banner .wide { display: flex; align-items: center; gap: 20px; padding-top: 14px; padding-bottom: 14px; }
.banner .wide > div { flex: 1; min-width: 0; }
.banner .glyph { font-size: 40px; line-height: 1; font-weight: 700; width: 64px; height: 64px; flex: none; border: 3px solid #fff; border-radius: 50%; display: grid; place-items: center; }
.banner-invalid .glyph { border-radius: 10px; }
.banner h1 { font-size: 25px; line-height: 1.2; letter-spacing: .02em; }
.banner .conclusion { font-size: 16px; }
.banner .run { font-size: 13px; }
.banner .badge { border: 1px solid #fff; color: #fff; background: none; font-size: 13px; }
.maker { font-size: 13px; align-self: flex-start; text-align: right; max-width: 290px; }
h2 + .scroll caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.badge { display: inline-block; vertical-align: middle; font-size: 12px; font-weight: 600; line-height: 1.5; padding: 1px 8px; border-radius: 99px; background: var(--sunken); color: var(--text); }

nav { background: var(--surface); border-bottom: 1px solid var(--line); position: sticky; top: 0; z-index: 5; }
nav ul { display: flex; gap: 4px; list-style: none; overflow-x: auto; }
nav a { display: block; padding: 8px 10px; color: var(--text); text-decoration: none; white-space: nowrap; font-size: 14px; }
nav a:hover { text-decoration: underline; }

main { padding-bottom: 40px; }
section { margin-top: 26px; }
h2 { font-size: 19px; margin-bottom: 10px; }
#broke { margin-top: 14px; }
h3 { font-size: 16px; margin: 16px 0 8px; }
.card { background: var(--surface); border: 1px solid var(--line); border-left: 6px solid var(--conflict); border-radius: 8px; padding: 14px 18px; margin-bottom: 12px; }
.card > h3:first-child { margin-top: 0; font-size: 17px; }
.flag { background: var(--banner-invalid); color: #fff; border-radius: 5px; padding: 1px 8px; font-weight: 700; white-space: nowrap; }
.sentence { font-size: 20px; line-height: 1.35; font-weight: 600; margin-bottom: 10px; }
.folded-sentence { display: block; padding-left: 18px; }
summary { cursor: pointer; min-height: 24px; }
.columns { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 7fr); gap: 22px; align-items: start; }
.why { margin: 0; display: grid; gap: 8px; }
.why dt { font-size: 13px; font-weight: 600; color: var(--dim); }
.why dd { margin: 0; }
.fault-list { margin: 0; padding-left: 18px; }
.reasons { margin: 8px 0; padding-left: 20px; }
figure { margin: 0; }
figcaption { font-size: 13px; color: var(--dim); }
.reproduce { margin-top: 12px; }
.lead-text { font-size: 17px; margin-bottom: 10px; }

.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; width: 100%; background: var(--surface); font-size: 14px; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-size: 13px; color: var(--dim); padding: 8px 0 4px; }
th, td { text-align: left; padding: 5px 12px 5px 8px; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: normal; }
thead th { font-size: 13px; color: var(--dim); background: var(--sunken); white-space: nowrap; }
tbody th { font-weight: 600; }
td.number, th.number { text-align: right; white-space: nowrap; width: 1%; }
td:last-child { overflow-wrap: anywhere; }
.verdict { font-weight: 600; white-space: nowrap; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(240px, 1fr)); gap: 8px 20px; margin: 8px 0; }
.facts dt { font-size: 13px; color: var(--dim); } .facts dd { margin: 0; }
.tiles { display: flex; flex-wrap: wrap; gap: 10px; list-style: none; margin: 0 0 10px; padding: 0; }
.tiles li { background: var(--surface); border: 1px solid var(--line); border-radius: 8px; padding: 8px 14px; font-size: 13px; color: var(--dim); }
.tiles strong { display: block; font-size: 20px; color: var(--text); }
.tiles .bad { border-color: var(--info); } .tiles .bad strong { color: var(--warn-text); }
.command { display: flex; gap: 8px; align-items: flex-start; margin: 6px 0 10px; }
.command pre { flex: 1; min-width: 0; margin: 0; padding: 8px 12px; background: var(--sunken); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; }
button { font: inherit; font-size: 14px; min-height: 36px; padding: 4px 14px; border: 1px solid var(--line); border-radius: 6px; background: var(--surface); color: var(--text); cursor: pointer; }
.files { columns: 3 200px; padding-left: 18px; margin: 0; }
.cluster-at { list-style: none; display: flex; flex-wrap: wrap; gap: 6px; margin: 6px 0; padding: 0; font-size: 13px; font-variant-numeric: tabular-nums; }
.cluster-at li { background: var(--surface); border: 1px solid var(--line); border-left: 5px solid var(--follower); border-radius: 6px; padding: 3px 10px; }
.cluster-at li[data-role=leader] { border-left-color: var(--leader); } .cluster-at li[data-role=candidate] { border-left-color: var(--candidate); }
.cluster-at li[data-role=down] { border-left-style: dotted; color: var(--dim); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 6px 0; padding: 0; font-size: 13px; }
.legend svg { vertical-align: -3px; }
.cursor-text { min-height: 3em; font-size: 14px; font-variant-numeric: tabular-nums; }

${CHART_CSS}
footer { border-top: 1px solid var(--line); padding: 12px 0; font-size: 13px; color: var(--dim); }
@media (max-width: 800px) {
  .columns { grid-template-columns: minmax(0, 1fr); }
  .banner .wide { align-items: flex-start; gap: 12px; }
  .banner .glyph { width: 44px; height: 44px; font-size: 26px; }
  .banner h1 { font-size: 21px; } .sentence { font-size: 18px; }
  .maker { display: none; } .wide { padding: 0 12px; }
  .card { padding: 12px; } .command { flex-direction: column; } .command pre { width: 100%; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media (forced-colors: active) { .banner, .flag, .badge { border: 2px solid; } }
@media print {
  :root { color-scheme: light; --page: #fff; }
  nav, .skip, button, .cursor-text { display: none; }
  .banner { color: #000; background: none; border-bottom: 3px solid #000; } .banner .glyph, .banner .badge { border-color: #000; color: #000; }
  .card, figure, tr { break-inside: avoid; } .scroll { overflow: visible; }
  #timeline-chart, .evidence-chart { min-width: 0; }
}

.trend-valid { fill: var(--leader); } .trend-unknown { fill: var(--info); } .trend-invalid { fill: var(--fail); }
form { margin: 8px 0; } form label { margin-right: 10px; }
`;
