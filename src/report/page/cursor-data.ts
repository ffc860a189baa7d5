import type { Finding } from "../findings.ts";
import type { TimelineData } from "../timeline-data.ts";
import { markup, type Markup, verbatim } from "./markup.ts";

/** What the cursor over the timeline tells: a data block that the script reads as text. */
export function cursorData(
  { leaders, nodes, faults, bins, binNs }: TimelineData,
  { endNs, findings }: { readonly endNs: number; readonly findings: readonly Finding[] },
): Markup {
  const milliseconds = (ns: number | null): number => Math.round((ns ?? endNs) / 1e6);
  const data = {
    endMs: milliseconds(endNs),
    binMs: binNs / 1e6,
    leaders: leaders.map(({ node, term, fromNs, toNs }) => [
      node,
      term,
      milliseconds(fromNs),
      milliseconds(toNs),
    ]),
    faults: faults.map(({ sentence, kind, nodes: hit, fromNs, toNs }) => [
      sentence,
      milliseconds(fromNs),
      milliseconds(toNs),
      kind,
      hit,
    ]),
    nodes: nodes.map(({ node, conditions, paused, terms, commits }) => [
      node,
      conditions.map(({ condition, fromNs }) => [milliseconds(fromNs), condition]),
      paused.map(({ fromNs, toNs }) => [milliseconds(fromNs), milliseconds(toNs)]),
      terms,
      commits,
    ]),
    violations: findings.map(({ number, anomaly }) => [number, milliseconds(anomaly.timeNs)]),
    bins: bins.map(({ ok, fail, info, latency }) => [
      ok,
      fail,
      info,
      latency === null ? null : Math.round(latency.p99Ms * 10) / 10,
    ]),
  };
  // "</script>" inside a string would end the block.
  const json = JSON.stringify(data).replaceAll("<", "\\u003c");
  return markup`<script type="application/json" id="cursor-data">${verbatim(json)}</script>`;
}
