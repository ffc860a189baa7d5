import type { Anomaly, CheckResult } from "../../checker/verdict.ts";

/** What somebody who changed a run wants to know of it. */
export interface Judgement {
  readonly look: "good" | "fail" | "open";
  readonly text: string;
}

/** A violation, and the checker that proved it. */
export interface Found {
  readonly checker: string;
  readonly anomaly: Pick<Anomaly, "timeNs" | "sentence">;
}

/** What was recorded, and whether it is another run by now. */
export interface Recorded {
  /** Null: no replay can come to it. */
  readonly digest: string | null;
  readonly wasBroken: boolean;
  readonly isChanged: boolean;
}

/** While it is still being played; what is proved by then stays. */
export function judgementSoFar(found: readonly Found[], recorded: Recorded): Judgement {
  if (found.length === 0) return { look: "open", text: "Does it break?" };
  return { look: "fail", text: `${brokenText(recorded)}: ${firstOf(found)}.` };
}

/** Of a run that was played to its end: whether it breaks, as against what was recorded. */
export function judgementOf(
  { checks, digest }: { readonly checks: readonly CheckResult[]; readonly digest: string },
  recorded: Recorded,
): Judgement {
  const found = checks.flatMap(({ checker, anomalies }) =>
    anomalies.map((anomaly) => ({ checker, anomaly })),
  );
  const same = recorded.isChanged ? "" : sameText(digest, recorded.digest);
  return found.length === 0
    ? { look: "good", text: `${unbrokenText(recorded)}: ${heldText(checks)}.${same}` }
    : { look: "fail", text: `${brokenText(recorded)}: ${firstOf(found)}.${same}` };
}

function unbrokenText({ wasBroken, isChanged }: Recorded): string {
  return wasBroken && isChanged ? "It does not break any more" : "Nothing breaks";
}

function brokenText({ wasBroken, isChanged }: Recorded): string {
  if (!isChanged) return "It breaks";
  return wasBroken ? "It still breaks" : "Now it breaks";
}

function heldText(checks: readonly CheckResult[]): string {
  const unknown = checks.filter(({ verdict }) => verdict === "unknown");
  const held = `${checks.length - unknown.length} checks hold`;
  if (unknown.length === 0) return held;
  return `${held}, ${unknown.map(({ checker }) => checker).join(" and ")} cannot tell`;
}

/** What shows first is nearest to the cause. */
function firstOf(found: readonly Found[]): string {
  const [first] = found.toSorted((a, b) => a.anomaly.timeNs - b.anomaly.timeNs);
  if (first === undefined) return "";
  const others = new Set(found.map(({ checker }) => checker));
  others.delete(first.checker);
  const also = others.size === 0 ? "" : `, and with it ${[...others].join(" and ")}`;
  return `${first.checker}: ${first.anomaly.sentence}${also}`;
}

function sameText(digest: string, recorded: string | null): string {
  if (recorded === null) return "";
  return digest === recorded
    ? ` The recorded run, to the byte: digest ${digest}.`
    : ` Another run than the recorded one: digest ${digest}, recorded was ${recorded}.`;
}
