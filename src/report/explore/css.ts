/** What the tables of operations and logs, the window on the timeline and the help have besides the page's style. */
export const EXPLORE_CSS = `
.bar-row { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; margin: 6px 0; font-size: 14px; }
.bar-row input[type=search] { font: 13px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; flex: 1 1 320px; min-width: 0; min-height: 36px; padding: 4px 10px; border: 1px solid var(--line); border-radius: 6px; background: var(--surface); color: var(--text); }
.rows { position: relative; height: 420px; overflow: auto; border: 1px solid var(--line); border-radius: 8px; background: var(--surface); font-size: 13px; font-variant-numeric: tabular-nums; }
.rows-head { position: sticky; top: 0; z-index: 2; background: var(--sunken); border-bottom: 1px solid var(--line); min-width: max-content; width: 100%; }
.rows-body { position: relative; min-width: max-content; width: 100%; }
.rows [role=row] { display: grid; grid-template-columns: var(--columns); column-gap: 10px; padding: 0 8px; height: 26px; align-items: center; }
.rows-body [role=row] { position: absolute; left: 0; right: 0; cursor: pointer; border-bottom: 1px solid var(--grid); }
.rows-body [role=row]:hover { background: var(--sunken); }
.rows-body [role=row][aria-selected=true] { background: var(--sunken); outline: 2px solid var(--ok); outline-offset: -2px; }
.rows [role=gridcell], .rows [role=columnheader] { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.rows .num { text-align: right; }
.rows button { min-height: 24px; height: 24px; padding: 0; border: 0; background: none; font-size: 13px; font-weight: 600; color: var(--dim); width: 100%; text-align: inherit; }
.row-detail { margin: 6px 0 0; padding: 8px 12px; background: var(--sunken); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; }
.chip { border-radius: 99px; }
.brush { fill: var(--ok); opacity: .14; stroke: var(--ok); }
#timeline-chart { touch-action: pan-y; } .chart-box.brushing { user-select: none; cursor: ew-resize; }
nav .tools { margin-left: auto; display: flex; gap: 4px; position: sticky; right: -20px; padding-right: 20px; background: var(--surface); } nav button { min-height: 36px; }
dialog { max-width: 640px; border: 1px solid var(--line); border-radius: 10px; background: var(--surface); color: var(--text); }
dialog dl { display: grid; grid-template-columns: auto 1fr; gap: 4px 16px; } dialog dd { margin: 0; } kbd { font: 12px ui-monospace, monospace; border: 1px solid var(--line); border-bottom-width: 2px; border-radius: 4px; padding: 1px 6px; }
@media print { #operations, #logs { display: none; } }
`;
