import { markup, type Markup } from "../page/markup.ts";
import { table } from "../page/table.ts";
import type { LogCell, LogDiff, LogRow } from "./log-diff.ts";

/** The logs side by side. Letters stand for entries: equal letters in a row are equal entries. */
export function logDiffTable(diff: LogDiff, violation: number): Markup {
  return markup`${table(
    `Logs around index ${diff.index}, at the time of violation ${violation}`,
    [
      { head: "index", cell: (row: LogRow) => indexCell(row), isNumber: true },
      ...diff.nodes.map(({ node, lastIndex }, at) => ({
        head: `${node} (log to ${lastIndex})`,
        cell: (row: LogRow) => logCell(row.cells[at]!),
      })),
    ],
    diff.rows,
  )}<p class="dim small">In one row equal letters are equal entries (with all before them), different letters different ones. ✓ with a solid frame: committed there; a dashed frame: not committed.</p>`;
}

function indexCell({ index, isEqual }: LogRow): Markup {
  return isEqual ? markup`${index}` : markup`<strong class="fail">≠ ${index}</strong>`;
}

function logCell(cell: LogCell): Markup {
  switch (cell.type) {
    case "missing":
      return markup`<span class="dim">no entry</span>`;
    case "untold":
      return markup`<span class="entry">in a snapshot, or older than the trace</span>`;
    case "entry":
      return markup`<span class="entry${cell.isCommitted && " committed"}"><strong>${cell.version}</strong> term ${cell.term}${cell.isCommitted && " ✓"}</span>`;
  }
}

/** As a cell of a Markdown table. */
export function cellText(cell: LogCell): string {
  if (cell.type === "missing") return "–";
  if (cell.type === "untold") return "?";
  return `${cell.version}, term ${cell.term}${cell.isCommitted ? " ✓" : ""}`;
}
