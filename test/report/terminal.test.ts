/* oxlint-disable no-control-regex -- control codes are what this is about */
import { describe, expect, test } from "vitest";
import { Progress } from "../../src/report/progress.ts";
import type { ProgressView } from "../../src/report/progress-view.ts";
import { wantsColor } from "../../src/report/style.ts";
import { createTerminal, type Terminal } from "../../src/report/terminal.ts";
import { recordsOf } from "./fixtures.ts";
import { HOSTILE } from "./hostile.ts";

const VIEW: ProgressView = {
  phase: "load",
  elapsedMs: 21_100,
  durationMs: 60_000,
  leader: { node: "n2", term: 6 },
  ok: 4000,
  fail: 12,
  info: 3,
  rate: 198.4,
  p99Ms: 42,
  activeFaults: ["n5 is cut off"],
  nextFault: { text: "the leader is killed", inMs: 6900 },
  checkers: [
    { id: "log-matching", found: 0 },
    { id: "election-safety", found: 1 },
  ],
};

function screen(options: { isTTY?: boolean; env?: Record<string, string>; quiet?: boolean } = {}): {
  readonly written: string[];
  readonly terminal: Terminal;
  readonly at: (ms: number) => void;
} {
  const written: string[] = [];
  let nowMs = 0;
  const terminal = createTerminal({
    sink: { write: (text) => written.push(text), isTTY: options.isTTY, columns: 80 },
    env: { LANG: "C.UTF-8", ...options.env },
    nowMs: () => nowMs,
    ...(options.quiet !== undefined && { quiet: options.quiet }),
  });
  return { written, terminal, at: (ms) => void (nowMs = ms) };
}

/** What such a terminal shows after everything that was written: only moves up, and clearing below. */
function shown(written: readonly string[]): string[] {
  let lines = [""];
  for (const part of written.join("").split(/(\u001b\[\d+A\r\u001b\[0J)/)) {
    const up = /^\u001b\[(\d+)A/.exec(part);
    if (up) lines = [...lines.slice(0, lines.length - 1 - Number(up[1])), ""];
    else {
      const [first = "", ...rest] = part.split("\n");
      lines = [...lines.slice(0, -1), lines.at(-1)! + first, ...rest];
    }
  }
  return lines;
}

describe("in a pipe", () => {
  test("a line every ten seconds and one per event, without any control code", () => {
    const { written, terminal, at } = screen();
    for (let ms = 0; ms <= 25_000; ms += 100) {
      at(ms);
      terminal.update({ ...VIEW, elapsedMs: ms });
    }
    terminal.event({ type: "violation", timeNs: 21.1e9, text: "two leaders in term 6" });
    terminal.close();
    expect(written).toHaveLength(4);
    expect(written[1]).toBe(
      "  10.0 s  load · leader n2, term 6 · ok 4000, fail 12, info 3, 198/s · p99 42 ms · 1 faults active\n",
    );
    expect(written[3]).toBe("  21.1 s  ✕ VIOLATION  two leaders in term 6\n");
    expect(written.join("")).not.toContain("\u001b");
  });

  test("a new phase is told at once", () => {
    const { written, terminal } = screen();
    terminal.update({ ...VIEW, phase: "starting 5 nodes" });
    terminal.update(VIEW);
    terminal.update(VIEW);
    expect(written).toHaveLength(2);
  });

  test("glyphs are plain letters where the locale knows no better", () => {
    const { written, terminal } = screen({ env: { LANG: "C" } });
    terminal.event({ type: "violation", timeNs: 0, text: "boom" });
    terminal.update(VIEW);
    expect(written.join("")).toMatch(/^[\x20-\x7e\n]*$/);
  });

  test("what nodes say cannot steer the terminal", () => {
    const { written, terminal } = screen();
    terminal.event({ type: "note", timeNs: 0, text: HOSTILE });
    expect(written.join("")).not.toMatch(/[\u001b\u0007]/);
  });
});

describe("on a terminal", () => {
  test("one block of at most six lines, none wider than the terminal, in place of the last", () => {
    const { written, terminal, at } = screen({ isTTY: true, env: { NO_COLOR: "1" } });
    for (let ms = 0; ms < 3000; ms += 50) {
      at(ms);
      const activeFaults = ms < 2000 ? ["a very long fault ".repeat(20), HOSTILE] : [];
      terminal.update({ ...VIEW, elapsedMs: ms, activeFaults });
    }
    expect(written.length, "ten times a second").toBe(30);
    const lines = shown(written);
    expect(lines.at(-1)).toBe("");
    expect(lines).toHaveLength(7);
    for (const line of lines) expect(Array.from(line).length).toBeLessThan(80);
    expect(lines.join("\n")).toContain("leader n2, term 6");
    expect(lines.join("\n")).toContain("✕ election-safety (1)");
  });

  test("events stay above the block", () => {
    const { written, terminal, at } = screen({ isTTY: true, env: { NO_COLOR: "1" } });
    terminal.update(VIEW);
    terminal.event({ type: "leader", timeNs: 1e9, text: "n2 is leader of term 6" });
    at(200);
    terminal.update(VIEW);
    terminal.line("a log line");
    const lines = shown(written);
    expect(lines[0]).toContain("n2 is leader of term 6");
    expect(lines[1]).toBe("a log line");
    expect(lines).toHaveLength(9);
  });

  test("nothing of the block is left after the end", () => {
    const { written, terminal } = screen({ isTTY: true });
    terminal.update(VIEW);
    terminal.close();
    expect(shown(written)).toEqual([""]);
  });

  test("a dumb terminal is treated as a pipe", () => {
    const { written, terminal } = screen({ isTTY: true, env: { TERM: "dumb" } });
    terminal.update(VIEW);
    expect(written.join("")).not.toContain("\u001b");
  });
});

test("quiet says nothing but violations", () => {
  const { written, terminal } = screen({ quiet: true });
  terminal.update(VIEW);
  terminal.event({ type: "leader", timeNs: 0, text: "n1" });
  terminal.event({ type: "violation", timeNs: 0, text: "boom" });
  expect(written).toEqual(["   0.0 s  ✕ VIOLATION  boom\n"]);
});

test.each([
  ["a terminal", { isTty: true, env: {} }, true],
  ["a pipe", { isTty: false, env: {} }, false],
  ["--color beats a pipe", { isTty: false, color: true, env: {} }, true],
  ["--no-color beats a terminal", { isTty: true, color: false, env: {} }, false],
  ["FORCE_COLOR beats --no-color", { isTty: false, color: false, env: { FORCE_COLOR: "1" } }, true],
  ["FORCE_COLOR=0 beats --color", { isTty: true, color: true, env: { FORCE_COLOR: "0" } }, false],
  [
    "NO_COLOR beats all",
    { isTty: true, color: true, env: { NO_COLOR: "1", FORCE_COLOR: "1" } },
    false,
  ],
  ["an empty NO_COLOR is none", { isTty: true, env: { NO_COLOR: "" } }, true],
])("colour: %s", (_, choice, expected) => {
  expect(wantsColor(choice)).toBe(expected);
});

test("progress follows a run: newest leader, counts, faults, and what is worth a line", () => {
  const progress = new Progress();
  const events = recordsOf("two-leaders")
    .filter((record) => (record.type === "op" ? record.op : record.event).timeNs < 22e9)
    .flatMap((record) => progress.observe(record));
  const state = progress.state(22e9);
  expect(state.leader?.term).toBe(6);
  expect(state.ok).toBeGreaterThan(1000);
  expect(state.rate).toBeGreaterThan(10);
  expect(state.p99Ms).toBeGreaterThan(100);
  expect(state.activeFaults).toEqual([
    "all links are slowed down by 80 ms ± 20 ms",
    "n5 cannot reach the others, but they can reach it (messages silently lost)",
  ]);
  expect(events.filter(({ type }) => type === "leader").map(({ text }) => text)).toEqual([
    "n1 is leader of term 1",
    "n3 is leader of term 2",
    "n5 is leader of term 6",
    "n2 is leader of term 6",
  ]);
});

test("the phase in which a part is out of it for good is told once, and is no fault that ends", () => {
  const progress = new Progress();
  const value = { kind: "liveness", sentence: "n3 is cut off", nodes: ["n3"], links: [] };
  const events = ["begin", "watch", "serve", "settle", "end"].flatMap((id, timeNs) =>
    progress.observe({
      type: "op",
      op: {
        index: timeNs,
        timeNs,
        process: "nemesis",
        type: "info",
        f: "liveness",
        value: { id, ...value, phase: "confirmed" },
      },
    }),
  );
  const text = "from now on n3 is cut off: a majority must elect and serve";
  expect(events).toEqual([{ type: "note", timeNs: 0, text }]);
});
