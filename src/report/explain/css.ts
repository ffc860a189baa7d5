/** What the explanations have besides the style sheet of all pages. */
export const DIAGRAM_CSS = `
.happened { font: 11px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
.happened, .happened * { box-sizing: border-box; }
.chart.happened { width: auto; max-width: none; }
.message path { fill: none; stroke: var(--dim); stroke-width: 1.2; } .message .head { fill: var(--dim); stroke: none; }
.message.lost path { stroke: var(--fail); stroke-dasharray: 4 3; }
.chart .message-text { fill: var(--dim); font-size: 10px; } .chart .lost-text { fill: var(--fail-text); font-weight: 600; }
.sign-plate { fill: var(--surface); } .chart .sign { font-size: 12px; font-weight: 700; }
.chart .act-leader text:not(.tick) { fill: var(--good-text); font-weight: 700; }
.chart .act-down text:not(.tick), .chart .act-truncate text:not(.tick) { fill: var(--fail-text); font-weight: 600; }
.chart .act-collapsed text:not(.tick) { fill: var(--dim); }
.chart .act .marker text { fill: var(--surface); }
.fault-edge { fill: none; stroke-width: 1; stroke-dasharray: 6 3; stroke: var(--line); }
.chart .fault-text { font-weight: 600; }
`;

export const EXPLAIN_CSS = `${DIAGRAM_CSS}
.place circle { fill: var(--surface); stroke: var(--ok); stroke-width: 1.6; } .place text { font-weight: 700; }
.place.stuck circle { stroke: var(--conflict); stroke-width: 2.4; fill: var(--conflict-wash); }
.linearization { min-width: 620px; font-size: 12px; }
.entry { display: inline-block; padding: 0 7px; border: 1.5px dashed var(--follower); border-radius: 4px; white-space: nowrap; }
.entry.committed { border-style: solid; border-color: var(--text); }
.story { margin: 0 0 12px; padding-left: 30px; max-width: 80ch; } .story li { margin: 3px 0; }
.story a { font-variant-numeric: tabular-nums; display: inline-block; min-width: 62px; }
[id^="explain-"] { scroll-margin-top: 120px; }
.small { font-size: 13px; margin: 6px 0; }
.explained { border-left-width: 3px; }
.explained h3 { margin: 14px 0 6px; font-size: 14px; }
@media print { .chart.happened { width: 100%; height: auto; } }
`;
