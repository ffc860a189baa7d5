/** What the live page has besides the report's style sheet; its colours are the report's tokens. */
export const LIVE_CSS = `
.live header { padding-top: 14px; }
.live [hidden] { display: none; }
.live h1 { font-size: 22px; }
.live progress { width: 100%; height: 10px; accent-color: var(--ok); }
.ring { width: 100%; max-width: 440px; display: block; }
.link { stroke: var(--follower); stroke-width: 1.2; opacity: .55; }
.link-slow { stroke: var(--info); stroke-width: 2.2; stroke-dasharray: 6 4; opacity: 1; }
.link-cut { stroke: var(--fail); stroke-width: 1.6; stroke-dasharray: 2 5; opacity: 1; }
.link-mark { text-anchor: middle; dominant-baseline: central; font-weight: 700; font-size: 15px; fill: var(--fail-text); }
.link-mark.is-slow { fill: var(--warn-text); }
.tip { fill: var(--follower); }
.node { cursor: grab; }
.node circle { fill: var(--surface); stroke: var(--follower); stroke-width: 2; }
.node text { text-anchor: middle; fill: var(--text); font-size: 11px; pointer-events: none; user-select: none; }
.node .node-name { font-weight: 700; font-size: 17px; }
.node.is-leader circle { fill: var(--leader); stroke: var(--leader); }
.node.is-leader text { fill: var(--on-leader); }
.node.is-candidate circle { stroke: var(--candidate); stroke-width: 4; stroke-dasharray: 8 4; }
.node-down circle { fill: var(--sunken); stroke-dasharray: 3 3; }
.node-paused circle { stroke-width: 6; }
.node-cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 10px; }
.node-card { background: var(--surface); border: 1px solid var(--line); border-top: 5px solid var(--follower); border-radius: 8px; padding: 8px 10px; }
.node-card.is-leader { border-top-color: var(--leader); }
.node-card.is-candidate { border-top-color: var(--candidate); border-top-style: dashed; }
.node-card.node-down { opacity: .8; border-top-style: dotted; }
.card-name { font-weight: 700; font-size: 16px; }
.node-card dl { display: grid; grid-template-columns: auto 1fr; gap: 0 10px; margin: 4px 0; font-size: 13px; font-variant-numeric: tabular-nums; }
.node-card dt { color: var(--dim); } .node-card dd { margin: 0; text-align: right; }
.node-card dt, .node-card dd { overflow-wrap: normal; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.buttons { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; margin: 8px 0; }
.live button, .live select { font: inherit; font-size: 13px; min-height: 26px; padding: 1px 8px; border: 1px solid var(--line); border-radius: 6px; background: var(--sunken); color: var(--text); cursor: pointer; }
#faults[data-empty="true"]::after { content: "none: everything is whole"; color: var(--dim); }
.fault-line { margin-bottom: 6px; }
.lights { list-style: none; margin: 0; padding: 0; columns: 2; font-size: 13px; }
.lights .fail { font-weight: 700; }
.events ol { list-style: none; margin: 0; padding: 0; max-height: 320px; overflow-y: auto; font-size: 14px; font-variant-numeric: tabular-nums; }
.event-violation { color: var(--fail-text); font-weight: 700; }
.event-fault { color: var(--warn-text); } .event-healed { color: var(--good-text); }
.violation-flag { background: var(--banner-invalid); color: #fff; font-weight: 700; border-radius: 6px; padding: 8px 14px; margin-top: 8px; }
.live input[type=range] { width: 100%; margin: 6px 0 0; accent-color: var(--ok); }
.live button.primary { background: var(--banner-valid); border-color: var(--banner-valid); color: #fff; font-weight: 600; min-width: 76px; }
#phase { font-size: 20px; font-weight: 600; font-variant-numeric: tabular-nums; }
h1#phase { font-size: 22px; }
.figures { font-size: 14px; font-variant-numeric: tabular-nums; min-height: 1.5em; }
#moments { font-size: 13px; min-height: 1.5em; font-variant-numeric: tabular-nums; }
.judgement { border-left: 6px solid var(--follower); background: var(--surface); border-radius: 6px; padding: 8px 14px; margin: 8px 0; font-size: 16px; min-height: 2.5em; }
.judgement-good { border-color: var(--leader); } .judgement-fail { border-color: var(--conflict); }
.cluster-columns { display: grid; grid-template-columns: minmax(260px, 340px) minmax(0, 1fr); gap: 0 26px; }
.cluster-columns section { margin-top: 14px; }
.subtitle { font-size: 14px; margin-left: 8px; }
.live main > h1 { padding-top: 14px; }
.now { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 18px; }
#playground-body .violation-flag { font-size: 14px; padding: 5px 14px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.planned { list-style: none; margin: 4px 0 0; padding: 0; max-height: 230px; overflow-y: auto; font-size: 14px; }
.planned li { display: grid; grid-template-columns: 24px 1fr auto; align-items: start; gap: 6px; padding: 2px 0; }
.planned input[type=checkbox] { width: 18px; height: 18px; margin: 3px 0 0 3px; accent-color: var(--ok); }
.planned input[type=number] { font: inherit; width: 5.5em; text-align: right; background: var(--surface); color: var(--text); border: 1px solid var(--line); border-radius: 4px; }
.planned[data-empty="true"]::after { content: "None was planned: break something yourself."; color: var(--dim); }
textarea { width: 100%; font: inherit; }
.wide-cards { grid-template-columns: repeat(auto-fill, minmax(240px, 1fr)); }
@media (max-width: 800px) { .cluster-columns { grid-template-columns: minmax(0, 1fr); } }
@media print { #playground { display: none; } }
`;
