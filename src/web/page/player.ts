import type { ChangedPlan } from "../../run/changed-plan.ts";
import { nodeNames, surroundingsOf } from "../../run/plan.ts";
import { type Goal, PlaygroundRun } from "../../run/playground-run.ts";
import { LiveRun } from "../live-run.ts";
import type { LiveOrder, LiveState } from "../live-state.ts";
import { forget, show } from "./live-view.ts";

/** Of the host's time, between two pictures on the way to somewhere. */
const SLICE_MS = 25;
/** Between two pictures of one that plays. */
const FRAME_MS = 50;

export interface Shown {
  readonly state: LiveState | undefined;
  readonly nowMs: number;
  readonly isPlaying: boolean;
  readonly isOver: boolean;
  /** The last event that was stepped to, and the one to come; empty where there is none. */
  readonly last: string;
  readonly next: string;
}

/** A run on the screen, played to wherever somebody wants it, in slices that leave the page alive. */
export class Player {
  /** Simulated time by time. */
  speed = 1;
  readonly #changed: ChangedPlan;
  readonly #onShow: (shown: Shown) => void;
  #run: PlaygroundRun;
  #watcher: LiveRun;
  #seenEvents = 0;
  #last = "";
  /** Where it is on its way to; undefined: it is there. */
  #goal: Goal | undefined;
  #going: number | undefined;
  #playing: number | undefined;

  constructor(changed: ChangedPlan, onShow: (shown: Shown) => void) {
    this.#changed = changed;
    this.#onShow = onShow;
    [this.#run, this.#watcher] = this.#begin();
  }

  /** Back is a new run from its beginning, which comes out the same. */
  goTo(goal: Goal): void {
    const isBack = "ms" in goal ? goal.ms < this.#run.nowMs : goal.event < this.#run.event;
    if (isBack) [this.#run, this.#watcher] = this.#begin();
    window.clearTimeout(this.#going);
    this.#last = "";
    this.#travel(goal);
  }

  /** From where it is now. */
  goOn(ms: number): void {
    this.goTo({ ms: Math.max(0, this.#run.nowMs + ms) });
  }

  step(events: 1 | -1): void {
    const { next, event } = this.#run;
    this.goTo({ event: event + events });
    this.#last = events === 1 ? next : "";
    this.#show();
  }

  play(): void {
    this.pause();
    this.#playing = window.setInterval(() => this.goOn(FRAME_MS * this.speed), FRAME_MS);
    this.#show();
  }

  pause(): void {
    window.clearInterval(this.#playing);
    this.#playing = undefined;
    this.#show();
  }

  get isPlaying(): boolean {
    return this.#playing !== undefined;
  }

  /** The plan was changed: everything anew, up to the same moment. */
  again(): void {
    const goal = this.#goal ?? { ms: this.#run.nowMs };
    [this.#run, this.#watcher] = this.#begin();
    this.goTo(goal);
  }

  /** Does it, and notes it in the plan; returns why not, in one sentence. */
  obey(order: LiveOrder): string | undefined {
    const refusal = this.#watcher.obey(order);
    if (refusal !== undefined) return refusal;
    const { injected, loadMs = 0 } = this.#run;
    this.#changed.add(injected);
    if (order.type === "heal")
      for (const entry of injected) {
        const isMeant = order.ids === "all" || order.ids.includes(entry.id);
        if (isMeant && entry.forMs === null && "atMs" in entry)
          this.#changed.shorten(entry.id, loadMs - entry.atMs);
      }
    // It takes a moment to take effect.
    this.goOn(FRAME_MS);
    return undefined;
  }

  #begin(): [PlaygroundRun, LiveRun] {
    const { plan } = this.#changed;
    const cluster = {
      nodes: nodeNames(plan.nodeCount),
      hasClientLinks: plan.proxyClients,
      surroundings: surroundingsOf(plan),
    };
    const watcher = new LiveRun({ plan, cluster, mayControl: true, stop: () => undefined });
    this.#seenEvents = 0;
    forget();
    return [new PlaygroundRun(plan, watcher), watcher];
  }

  #travel(goal: Goal): void {
    const isThere = this.#run.playTo(goal, SLICE_MS);
    this.#goal = isThere ? undefined : goal;
    this.#show();
    if (!isThere) this.#going = window.setTimeout(() => this.#travel(goal));
  }

  #show(): void {
    const run = this.#run;
    const message = this.#watcher.message(this.#seenEvents);
    if (message !== undefined) {
      this.#seenEvents = message.events.at(-1)?.id ?? this.#seenEvents;
      show(message);
    }
    // Whoever plays wants to see it there.
    const hasBroken = message?.events.some(({ type }) => type === "violation") ?? false;
    if (this.isPlaying && (hasBroken || run.isOver)) return this.pause();
    this.#onShow({
      state: message?.state,
      nowMs: run.nowMs,
      isPlaying: this.isPlaying,
      isOver: run.isOver,
      last: this.#last,
      next: run.isOver ? "" : run.next,
    });
  }
}
