import { randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { renderReport, type ReportInput } from "../../src/report/html.ts";
import { renderIndexPage } from "../../src/report/index-page.ts";
import { markup } from "../../src/report/page/markup.ts";
import { type PlaygroundData, playgroundData } from "../../src/report/playground/data.ts";
import { runEntry } from "../../src/store/runs.ts";
import { reportInput, resultsOf } from "./fixtures.ts";
import { HOSTILE, hostileInput } from "./hostile.ts";

/** What a reader without CSS and script gets to see. */
function textOf(page: string): string {
  return page
    .replace(/<(style|script)[^>]*>[\s\S]*?<\/\1>/g, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ");
}

/** Signs of a value that was forgotten, outside the script. */
function oddWords(page: string): string[] {
  return (
    page
      .replace(/<script[^>]*>[\s\S]*?<\/script>/g, "")
      .match(/NaN|Infinity|undefined|\[object/g) ?? []
  );
}

test("two leaders in one term: the first screen says who, when, why it is illegal, and under which faults", () => {
  const text = textOf(renderReport(reportInput("two-leaders")));
  const opening = text.slice(0, text.indexOf("Evidence of violation 1"));
  expect(opening).toContain("SAFETY VIOLATION");
  expect(opening).toContain("n5 and n2 both became leader in term 6, at 21.06 s and 21.10 s");
  expect(opening).toContain("A term has at most one leader");
  expect(opening).toContain("n5 cannot reach the others, but they can reach it");
  expect(opening).toContain("seen 5 times");
  expect(opening).toContain("two leaders for 4.60 s");
});

test("a stale read: the write, the read that ignores it, and the leader that answered are in the picture", () => {
  const text = textOf(renderReport(reportInput("stale-read")));
  expect(text).toContain("✓ write k7 ← 42");
  expect(text).toContain("✕ read k7 → 41");
  expect(text).toContain(`the state is &quot;42&quot;, but it claims read &quot;41&quot;`);
  expect(text).toContain("n1 (leader) is cut off from all others");
});

test("a lost write: says which fault was last, if none is active", () => {
  const input = reportInput("lost-write");
  const text = textOf(renderReport(input));
  expect(text).toContain(
    "none at that moment; the last one was healed 1.15 s before: kill n3 (leader) is killed",
  );
});

test("the earliest violation comes first and in full, the others are folded behind it", () => {
  const page = renderReport(reportInput("two-leaders"));
  expect(page.indexOf('id="violation-1"')).toBeLessThan(page.indexOf('id="violation-2"'));
  expect(page).toMatch(/<article class="card" id="violation-1">/);
  expect(page).toMatch(/<details class="card"><summary>.*✕ 2/);
});

test("a green run says pass, that nothing broke, and what was checked", () => {
  const text = textOf(renderReport(reportInput("green")));
  expect(text).toMatch(/✓ PASS/);
  expect(text).toMatch(/✓ Nothing\. 7 of 7 checks held over .* operations and 6 faults/);
  expect(text).not.toContain("VIOLATION");
});

test("an unknown run is not green, and says what to do", () => {
  const text = textOf(renderReport(reportInput("unknown")));
  expect(text).toContain("? UNKNOWN");
  expect(text).toContain("raise --check-timeout or lower --rate");
  expect(text).not.toContain("PASS");
});

test("an expected violation, a missed threshold and a failed environment say so with a word", () => {
  const input = reportInput("two-leaders");
  const expected = {
    ...input.results,
    exitCode: 0,
    plan: { ...input.results.plan, expect: { verdict: "violation", property: null } as const },
  };
  expect(textOf(renderReport({ ...input, results: expected }))).toMatch(
    /SAFETY VIOLATION as expected .*the expected violation was found/,
  );
  const green = reportInput("green");
  const missed = { ...green.results, exitCode: 3 };
  expect(textOf(renderReport({ ...green, results: missed }))).toMatch(/! SAFE threshold missed/);
  const failed = { ...green.results, exitCode: 69 };
  expect(textOf(renderReport({ ...green, results: failed }))).toMatch(
    /! SAFE until the environment failed/,
  );
});

test("what each fault did is a table of whatever was measured, units said", () => {
  const text = textOf(renderReport(reportInput("green")));
  expect(text).toContain("Fault → effect");
  expect(text).toMatch(/leader lost new leader failed info first ok p99/);
  expect(text).toMatch(/8\.00 s yes 700 ms 0 0 12 ms 140 ms/);
});

test("nothing that comes from outside becomes markup", () => {
  const page = renderReport(hostileInput());
  expect(page).not.toContain("<img");
  expect(page).not.toContain('onerror="');
  expect(page).not.toContain("<svg onload");
  expect(page).not.toMatch(/href="javascript:/);
  expect(page.match(/<\/script>/g)).toHaveLength(3);
  expect(page.match(/<\/style>/g)).toHaveLength(1);
});

function simulated(program: ReportInput["program"]): ReportInput {
  const input = reportInput("two-leaders");
  const plan = { ...input.results.plan, environment: "sim" } as const;
  const simulation = { digest: "0123", events: 1, simulatedMs: 61_000, hostMs: 1 };
  return { ...input, results: { ...input.results, plan, simulation }, program };
}

test("the report of a simulated run carries the playground: packed, inert, and allowed by its hash alone", () => {
  const page = renderReport(simulated({ hash: "sha256-ofTheProgram=", gzip: "UEFDS0VE" }));
  const [, policy = ""] = /Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
  const hash = "'sha256-[A-Za-z0-9+/]{43}='";
  expect(policy).toMatch(
    new RegExp(
      `^default-src 'none'; style-src 'unsafe-inline'; script-src ${hash} 'sha256-ofTheProgram=' ${hash}; `,
    ),
  );
  expect(page).toContain(
    '<script type="application/octet-stream" id="playground-program">UEFDS0VE</script>',
  );
  const [, packed = ""] = /id="playground-plan">([^<]*)</.exec(page) ?? [];
  const data = JSON.parse(gunzipSync(Buffer.from(packed, "base64")).toString()) as PlaygroundData;
  expect(data).toMatchObject({ digest: "0123", endMs: 61_000, plan: { seed: "7f3a91" } });
  expect(data.violations[0]).toMatchObject({ atMs: 21_100 });
  const ids = [...page.matchAll(/ id="([^"]*)"/g)].map((match) => match[1]);
  expect(ids.filter((id, i) => ids.indexOf(id) < i)).toEqual([]);
});

test("where it can't have the playground a report says why, and what has it", () => {
  const serve = "npx raftwreck serve lists the runs, and plays this one, too.";
  expect(textOf(renderReport(simulated(undefined)))).toMatch(
    new RegExp(`Playground Raftwreck was built without the playground .*\\. ${serve}`),
  );
  const program = { hash: "sha256-x", gzip: "UEFDS0VE" };
  const input = simulated(program);
  // What no compression makes small, as the list of all that chance decided.
  const endless = randomBytes(200_000).toString("base64");
  const plan = { ...input.results.plan, system: endless };
  const page = renderReport({ ...input, results: { ...input.results, plan } });
  expect(textOf(page)).toMatch(new RegExp(`too much to be carried by its report\\. ${serve}`));
  expect(renderReport({ ...reportInput("green"), program })).not.toContain("playground");
});

test("a run that was cut short has no digest that a replay could come to", () => {
  const { results } = simulated(undefined);
  expect(playgroundData({ ...results, interruptedBy: "SIGINT" })?.digest).toBeNull();
});

test("a run of 300 s and 60 000 operations stays far under the limit of 5 MB", () => {
  const page = renderReport(reportInput("two-leaders", { stretch: 5 }));
  expect(Buffer.byteLength(page)).toBeLessThan(1_500_000);
});

test("a run without any record still has a report", () => {
  const input = reportInput("unknown");
  const empty = {
    ...input.timeline,
    endNs: 0,
    bins: [],
    clients: [],
    omittedClients: 0,
    operations: [],
    errors: [],
    faults: [],
    faultKinds: [],
    okUnderFaults: 0,
    leaders: [],
    nodes: [],
    exits: [],
    leaderChanges: 0,
  };
  const page = renderReport({
    ...input,
    results: { ...input.results, durationMs: 0, checks: [] },
    timeline: empty,
    files: [],
  });
  expect(textOf(page)).toContain("UNKNOWN");
  expect(oddWords(page)).toEqual([]);
});

test("no number in any picture is not a number", () => {
  for (const story of ["green", "two-leaders", "stale-read", "lost-write", "unknown"] as const)
    expect(oddWords(renderReport(reportInput(story))), story).toEqual([]);
});

test("text and attributes are escaped, and line breaks of a template leave no gap", () => {
  const inner = markup`<b>
    ${"<i>"}
  </b>`;
  expect(String(markup`<a title="${'"'}">${inner}, ${[1, null, false, "&"]}</a>`)).toBe(
    '<a title="&quot;"><b>&lt;i&gt;</b>, 1&amp;</a>',
  );
});

test("the list of runs links every report and is inert, too", () => {
  const run = runEntry(resultsOf("two-leaders"));
  const unfinished = { id: "2026_x_running_1", startedAt: "", workload: "register" };
  const page = renderIndexPage([run, { ...run, id: HOSTILE, seed: HOSTILE }], [unfinished]);
  expect(page).toContain('href="./2026-11-20T16-40-59Z_register_invalid_7f3a/report.html"');
  expect(page).toContain("election-safety, linearizability");
  expect(page).toContain("2026_x_running_1");
  expect(page).not.toContain("<img");
});
