import { markup, type Markup, verbatim } from "../page/markup.ts";
import { groupDigits } from "../verdict-text.ts";
import type { Packed } from "./pack.ts";

/** Operations and logs: what was left out of them in words, and the place where the script puts its tables. */
export function exploreSections({ text, records }: Packed): Markup {
  return markup`<section id="operations"><h2>Operations</h2>
      ${operationsBanner(records)}
      <div id="operations-table"><p class="dim small">The table needs JavaScript. The same is in <code>history.jsonl</code>.</p></div>
    </section>
    <section id="logs"><h2>Logs</h2>
      ${logsBanner(records)}
      <div id="logs-table"><p class="dim small">The table needs JavaScript. The same is in <code>logs/</code>.</p></div>
    </section>
    <script type="application/octet-stream" id="records">${verbatim(text)}</script>`;
}

/** Truncation is never silent. */
function operationsBanner({ operations }: Packed["records"]): Markup {
  const { rows, total, every, cutValues } = operations;
  const cut =
    cutValues > 0 &&
    markup` <strong class="warn">! ${groupDigits(cutValues)} long values are cut at 120 characters.</strong>`;
  if (rows.length === total)
    return markup`<p class="small">All ${groupDigits(total)} operations of the clients.${cut}</p>`;
  return markup`<p class="small"><strong class="warn">! Showing ${groupDigits(rows.length)} of ${groupDigits(total)} operations</strong>: those near a violation as far as there is room, and one in ${every} of the others. The checkers saw all; all are in <code>history.jsonl</code>.${cut}</p>`;
}

function logsBanner({ logs }: Packed["records"]): Markup {
  const { lines, total, omitted } = logs;
  const what =
    "What the nodes and the harness wrote, by their wall clocks; of nodes without a log, their changes of role";
  if (lines.length === total)
    return markup`<p class="small">${what}. All ${groupDigits(total)} lines.</p>`;
  return markup`<p class="small">${what}. <strong class="warn">! Showing ${groupDigits(lines.length)} of ${groupDigits(total)} lines</strong>, without ${omitted}. All are in <code>logs/</code>.</p>`;
}
