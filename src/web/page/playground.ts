import { describeFault } from "../../../nemesis/describe.ts";
import type { ScheduleEntry } from "../../../nemesis/schedule.ts";
import type { TestPlan } from "../../store/plan.ts";
import { nodeNames, surroundingsOf } from "../../run/plan.ts";
import { PlaygroundRun } from "../../run/playground-run.ts";
import { LiveRun } from "../live-run.ts";
import { button, byId, element, setText } from "./dom.ts";
import { forget, onOrder, show, showRefusal } from "./live-view.ts";

const STEP_MS = 1000;
const SPEEDS = [0.1, 1, 10, 100];
const FRAME_MS = 50;

/** What the page was made for: the plan, and the digest that the run had, if it is known. */
interface Given {
  readonly plan: TestPlan;
  readonly digest: string | null;
}

const { plan: original, digest: recorded } = JSON.parse(
  byId("playground-data").textContent ?? "",
) as Given;
const endMs = original.durationMs * 1.5 + 5000;
let faults: readonly ScheduleEntry[] = original.schedule.faults;
const left = new Set<string>();
let isChanged = false;
let speed = 1;
let playing: number | undefined;
let seenEvents = 0;
let { run, watcher } = begin();

/** A new run from its beginning, with the faults that are wanted now. */
function begin(): { run: PlaygroundRun; watcher: LiveRun } {
  const schedule = {
    ...original.schedule,
    faults: faults.filter(({ id }) => !left.has(id)),
  };
  const plan = { ...original, schedule };
  const made = new LiveRun({
    plan,
    cluster: {
      nodes: nodeNames(plan.nodeCount),
      hasClientLinks: plan.proxyClients,
      surroundings: surroundingsOf(plan),
    },
    mayControl: true,
    stop: () => playToEnd(),
  });
  seenEvents = 0;
  forget();
  return { run: new PlaygroundRun(plan, made), watcher: made };
}

function goTo(ms: number): void {
  if (ms < run.nowMs) {
    faults = [...faults, ...run.byHand.filter(({ id }) => faults.every((one) => one.id !== id))];
    ({ run, watcher } = begin());
  }
  run.playTo(ms);
  draw();
}

function draw(): void {
  const message = watcher.message(seenEvents);
  if (message !== undefined) {
    seenEvents = message.events.at(-1)?.id ?? seenEvents;
    show(message);
    setText(byId("phase"), `▶ ${run.isOver ? "the run is over" : message.state.view.phase}`);
  }
  slider.value = String(run.nowMs);
  setText(byId("next"), run.isOver ? "" : `next: ${run.next}`);
  if (run.isOver) judge();
  else setText(byId("judgement"), "");
}

function judge(): void {
  pause();
  const { checks, digest } = run.judge();
  const broken = checks.filter(({ verdict }) => verdict === "invalid");
  const same =
    isChanged || recorded === null
      ? ""
      : digest === recorded
        ? ` The same run to the byte: digest ${digest}.`
        : ` Another run than the recorded one: digest ${digest}, recorded was ${recorded}.`;
  const text =
    broken.length === 0
      ? "It does not break."
      : `It still breaks: ${broken.map(({ checker, summary }) => `${checker}: ${summary}`).join("; ")}.`;
  setText(byId("judgement"), text + same);
}

function play(): void {
  pause();
  playing = window.setInterval(() => {
    if (run.isOver) return pause();
    goTo(run.nowMs + FRAME_MS * speed);
  }, FRAME_MS);
  setText(byId("play"), "Pause");
}

function pause(): void {
  window.clearInterval(playing);
  playing = undefined;
  setText(byId("play"), "Play");
}

function playToEnd(): void {
  pause();
  run.playTo(Infinity);
  draw();
}

/** Everything anew with other faults, up to the same moment. */
function again(): void {
  const ms = run.nowMs;
  isChanged = true;
  ({ run, watcher } = begin());
  goTo(ms);
}

const slider = element("input", {
  type: "range",
  min: 0,
  max: endMs,
  step: 1,
  "aria-label": "Moment of the run",
});

function buildControls(): void {
  slider.addEventListener("input", () => {
    pause();
    goTo(Number(slider.value));
  });
  const speeds = element("select", { "aria-label": "Speed" });
  for (const factor of SPEEDS)
    speeds.append(element("option", { value: factor, selected: factor === 1 }, `${factor}×`));
  speeds.addEventListener("change", () => (speed = Number(speeds.value)));
  byId("controls").append(
    slider,
    element(
      "p",
      { class: "buttons" },
      button("Play", () => (playing === undefined ? play() : pause()), { id: "play" }),
      speeds,
      button("One event", () => {
        pause();
        run.step();
        draw();
      }),
      button("− 1 s", () => goTo(Math.max(0, run.nowMs - STEP_MS))),
      button("+ 1 s", () => goTo(run.nowMs + STEP_MS)),
      button("To the end", playToEnd),
      button("From the start", () => goTo(0)),
    ),
    element("p", { id: "next", class: "dim" }),
    element("p", { id: "judgement", class: "lead-text", role: "status" }),
  );
}

/** The planned faults: each can be left out, or moved. */
function buildFaults(): void {
  const rows = faults.map((entry) => {
    const box = element("input", { type: "checkbox", checked: true, id: `with-${entry.id}` });
    box.addEventListener("change", () => {
      if (box.checked) left.delete(entry.id);
      else left.add(entry.id);
      again();
    });
    const cells: Node[] = [
      box,
      element("label", { for: box.id }, ` ${describeFault(entry.fault)} `),
    ];
    if ("atMs" in entry) {
      const moment = element("input", {
        type: "number",
        value: entry.atMs / 1000,
        step: 0.1,
        min: 0,
        "aria-label": `Moment of ${entry.id} in seconds`,
      });
      moment.addEventListener("change", () => {
        const atMs = Number(moment.value) * 1000;
        faults = faults.map((one) => (one.id === entry.id ? { ...one, atMs } : one));
        again();
      });
      cells.push(moment, document.createTextNode(" s"));
    }
    return element("li", {}, ...cells);
  });
  byId("planned").replaceChildren(...rows);
}

onOrder((order) => {
  isChanged = true;
  showRefusal(watcher.obey(order) ?? "");
  run.playTo(run.nowMs);
  draw();
});
buildControls();
buildFaults();
goTo(0);
