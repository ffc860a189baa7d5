import { HEALTHY, type NodeStatus } from "../../nemesis/target.ts";
import type { Prng } from "../base/prng.ts";
import type { StaticCutPlan } from "../store/plan.ts";
import type { Invocation } from "../system/client.ts";
import type { Ask, Load, OpDraft } from "./load.ts";
import type { Stage } from "./stage.ts";
import { resolveStaticCut, type StaticCut } from "./static-cut.ts";

/** In election timeouts: before the cut, until a leader must be there after it, how long nothing may change then, … */
const CALM_TIMEOUTS = 8;
const ELECT_TIMEOUTS = 25;
const WATCH_TIMEOUTS = 8;
/** … until operations must be acknowledged, and until all must be even after that. */
const SERVE_TIMEOUTS = 30;
const SETTLE_TIMEOUTS = 6;
const PROBES = 6;

type LivenessStep = "begin" | "watch" | "serve" | "settle" | "end";

export interface LivenessOptions {
  readonly plan: StaticCutPlan;
  readonly stage: Stage;
  readonly load: Load;
  /** Operations of the workload, by number. */
  readonly probe: (number: number, attempt: number) => Invocation;
  readonly prng: Prng;
  /** The longest that a node waits before it asks to lead. */
  readonly electionTimeoutMs: number;
  /** Deadline of one operation. */
  readonly operationTimeoutMs: number;
  readonly record: (op: OpDraft) => void;
}

/**
 * A phase without chance and without change: some nodes are out of it for good, and the others, a majority in
 * which everyone reaches everyone, must elect a leader, serve, keep their term and get even. What was seen goes
 * into the history; the checker `liveness` judges it.
 */
export function watchLiveness(options: LivenessOptions, done: () => void): void {
  const { plan, stage, load, probe, prng, electionTimeoutMs, operationTimeoutMs } = options;
  const { clock, target } = stage;
  const boundMs = SERVE_TIMEOUTS * electionTimeoutMs + 2 * operationTimeoutMs;

  let cut: StaticCut;

  stage.calm?.();
  // A disk may have failed since the heal; then its node is started once more.
  target.converge(HEALTHY, () => wait(CALM_TIMEOUTS, begin));

  function begin(): void {
    const resolved = resolveStaticCut(plan, target.status(), prng);
    // Disks that bits have flipped on may have left no majority; nobody promised anything then.
    if (resolved === undefined) return done();
    cut = resolved;
    say("begin", "confirmed");
    target.converge(cut.desired, () => wait(ELECT_TIMEOUTS, watch));
  }

  /** Idle, so that who is half cut off does not fall behind: its log would keep it from being elected. */
  function watch(): void {
    say("watch", "confirmed");
    wait(WATCH_TIMEOUTS, () => {
      say("serve", "confirmed");
      const probes = Array.from(
        { length: PROBES },
        (_, i): Ask =>
          (attempt) =>
            probe(i, attempt),
      );
      load.performAll(probes, boundMs, (leftCount) => {
        if (leftCount === 0) return settle();
        const left = `${leftCount} of ${PROBES} operations were not acknowledged within ${boundMs} ms`;
        say("end", "failed", `${left}: ${sight()}`);
        done();
      });
    });
  }

  function settle(): void {
    say("settle", "confirmed");
    wait(SETTLE_TIMEOUTS, () => {
      say("end", "confirmed");
      done();
    });
  }

  function wait(electionTimeouts: number, then: () => void): void {
    clock.after(electionTimeouts * electionTimeoutMs, then);
  }

  function say(id: LivenessStep, phase: "confirmed" | "failed", reason?: string): void {
    const { sentence, rest: nodes, cutLinks: links } = cut;
    const value = { id, kind: "liveness", sentence, nodes, links, phase };
    options.record({
      process: "nemesis",
      type: "info",
      f: "liveness",
      value: reason === undefined ? value : { ...value, reason },
    });
  }

  function sight(): string {
    return target.status().map(roleText).join(", ");
  }
}

function roleText({ node, state, role, term }: NodeStatus): string {
  return state === "running" ? `${node} ${role ?? "silent"} in term ${term}` : `${node} ${state}`;
}
