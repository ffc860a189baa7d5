import { formatDurationMs } from "../../base/duration.ts";
import type { LatencySummary, TimelineData } from "../timeline-data.ts";
import { groupDigits } from "../verdict-text.ts";
import { markup, type Markup } from "./markup.ts";
import { type Column, table } from "./table.ts";

/** Outcomes and latencies per kind of operation, and the reasons of what did not succeed. */
export function performanceSection({ operations, errors }: TimelineData): Markup {
  return markup`<section id="performance"><h2>Performance</h2>
    ${table(
      "Operations by kind; latencies are of the successful ones",
      [
        { head: "operation", cell: ({ f }) => f },
        { head: "ok", cell: ({ ok }) => groupDigits(ok), isNumber: true },
        { head: "fail", cell: ({ fail }) => groupDigits(fail), isNumber: true },
        { head: "info (unknown)", cell: ({ info }) => groupDigits(info), isNumber: true },
        { head: "ok share", cell: (row) => okShare(row), isNumber: true },
        latencyColumn("p50", "p50Ms"),
        latencyColumn("p95", "p95Ms"),
        latencyColumn("p99", "p99Ms"),
        latencyColumn("max", "maxMs"),
      ],
      operations,
    )}
    ${
      errors.length > 0 &&
      table(
        "Why operations failed, or ended unknown",
        [
          { head: "reason", cell: ({ error }) => error },
          { head: "outcome", cell: ({ type }) => type },
          { head: "count", cell: ({ count }) => groupDigits(count), isNumber: true },
        ],
        errors.slice(0, 20),
      )
    }
  </section>`;
}

type Operation = TimelineData["operations"][number];

function latencyColumn(head: string, of: keyof LatencySummary): Column<Operation> {
  return {
    head,
    cell: ({ latency }) => (latency === null ? "–" : formatDurationMs(latency[of])),
    isNumber: true,
  };
}

function okShare({ ok, fail, info }: Operation): string {
  return `${((ok / Math.max(1, ok + fail + info)) * 100).toFixed(1)} %`;
}
