import type { Evidence } from "../../../checker/verdict.ts";
import type { NodeId } from "../../base/node-id.ts";
import type { TraceEvent } from "../../base/trace.ts";
import type { EventLook } from "./diagram.ts";
import { type Draft, type Fact, isMerged, type LogFact, logText } from "./draft.ts";

export interface DraftsOptions {
  readonly evidence: readonly Evidence[];
  /** The index of the log that the evidence is about: what touches it first is shown by itself. */
  readonly focus: number | undefined;
  readonly fromNs: number;
  readonly toNs: number;
}

/**
 * Condenses the trace of a stretch of time into the events that matter: every change of role and term, votes,
 * starts and exits, what is evidence, and what touches the log at one index. Everything else that the nodes did
 * with their logs is counted.
 */
export class Drafts {
  readonly #options: DraftsOptions;
  readonly #drafts: Draft[] = [];
  readonly #lastOf = new Map<NodeId, Draft>();
  readonly #committed = new Map<NodeId, number>();
  /** Evidence that is yet to be found in the trace, by its record. */
  readonly #wanted: Map<string, number>;
  readonly #evidenceTimesNs: ReadonlySet<number>;

  constructor(options: DraftsOptions) {
    this.#options = options;
    this.#evidenceTimesNs = new Set(options.evidence.map(({ timeNs }) => timeNs));
    this.#wanted = new Map(
      options.evidence.flatMap(({ record }, at) => {
        const key = identity(record);
        return key === undefined ? [] : [[key, at + 1] as const];
      }),
    );
  }

  observe(event: TraceEvent): void {
    const { fromNs, toNs } = this.#options;
    if (event.type === "commit") this.#noteCommit(event, fromNs);
    if (event.timeNs < fromNs || event.timeNs > toNs) return;
    const draft = this.#draftOf(event);
    if (!draft) return;
    const evidence = this.#evidenceTimesNs.has(event.timeNs)
      ? this.#wanted.get(identity(event) ?? "")
      : undefined;
    const last = this.#lastOf.get(event.node);
    if (last && evidence === undefined && isMerged(last, draft)) return;
    if (evidence !== undefined) {
      draft.evidence = evidence;
      this.#wanted.delete(identity(event)!);
    }
    this.#drafts.push(draft);
    this.#lastOf.set(event.node, draft);
  }

  /** In the order of time. Evidence that no line of the trace stands for is put in as it is worded. */
  finish(): Draft[] {
    const { evidence } = this.#options;
    const shown = new Set(this.#drafts.map((draft) => draft.evidence));
    for (const [at, { who, timeNs, text, record }] of evidence.entries()) {
      if (shown.has(at + 1) || isOperation(record)) continue;
      const there = this.#drafts.find(
        (draft) => draft.column === who && draft.timeNs === timeNs && draft.evidence === undefined,
      );
      if (there) there.evidence = at + 1;
      else {
        const look = /commit/.test(text) ? "commit" : "append";
        this.#drafts.push({ column: who, timeNs, look, text, evidence: at + 1, fact: OTHER });
      }
    }
    return this.#drafts.toSorted((a, b) => a.timeNs - b.timeNs);
  }

  /** How far a node had committed before the time that is shown. */
  #noteCommit(event: TraceEvent & { readonly type: "commit" }, fromNs: number): void {
    if (event.timeNs < fromNs) this.#committed.set(event.node, event.index);
  }

  #draftOf(event: TraceEvent): Draft | undefined {
    const { timeNs, node } = event;
    const base = { column: node, timeNs };
    const plain = (look: EventLook, text: string): Draft => ({ ...base, look, text, fact: OTHER });
    switch (event.type) {
      case "start":
        this.#committed.set(node, event.snapshot?.index ?? 0);
        return plain("start", `starts, term ${event.term}, log to ${event.lastIndex}`);
      case "exit":
        return plain("down", `ends, ${event.signal ?? `code ${event.code}`}`);
      case "disk-lost":
        return plain("down", "its disk is lost");
      case "truncate":
        return {
          ...plain("truncate", `removes entries from ${event.from} on`),
          fact: toldBy(event.role === "leader" ? undefined : event.term, "AppendEntries"),
        };
      case "install":
        return {
          ...plain("append", `installs snapshot to ${event.index}`),
          fact: toldBy(event.term, "InstallSnapshot"),
        };
      case "role": {
        const { role, term, votes = [] } = event;
        const text = role === "follower" ? `term ${term}, follower` : `${role} of term ${term}`;
        const fact: Fact = { type: "role", role, term, votes, votedFor: null };
        return { ...base, look: role, text, fact };
      }
      case "vote": {
        const { term, candidate } = event;
        const text = `votes for ${candidate}, term ${term}`;
        return { ...base, look: "vote", text, fact: { type: "vote", term, candidate } };
      }
      case "led":
        return plain("leader", `sends AppendEntries of term ${event.term}`);
      case "append": {
        const { role, term, from, entries } = event;
        const to = from + entries.length - 1;
        const fact: LogFact = { type: "log", role, term, from, to, commit: null, lines: 1 };
        return { ...base, ...this.#lookOf(fact, from, to), fact };
      }
      case "commit": {
        const { role, term, index } = event;
        const before = this.#committed.get(node) ?? 0;
        this.#committed.set(node, Math.max(before, index));
        const fact: LogFact = {
          type: "log",
          role,
          term,
          from: null,
          to: 0,
          commit: index,
          lines: 1,
        };
        return { ...base, ...this.#lookOf(fact, before + 1, index), fact };
      }
      case "apply":
      case "configuration":
      case "durable":
      case "log":
      case "read-answer":
      case "read-ticket":
      case "snapshot":
        return undefined;
    }
  }

  /** What touches the focus is shown by itself; `first` to `last` is what the act is about. */
  #lookOf(fact: LogFact, first: number, last: number): Pick<Draft, "look" | "text"> {
    const { focus } = this.#options;
    const isFocus = focus !== undefined && first <= focus && focus <= last;
    const act = fact.from === null ? "commit" : "append";
    return { look: isFocus ? act : "collapsed", text: logText(fact) };
  }
}

const OTHER: Fact = { type: "other" };

function toldBy(term: number | undefined, message: string): Fact {
  return term === undefined ? OTHER : { type: "told", term, message };
}

/** What tells one line of the trace from another. */
function identity(record: unknown): string | undefined {
  if (typeof record !== "object" || record === null || isOperation(record)) return undefined;
  const { node, type, timeNs, index, from, candidate } = record as Partial<Record<string, unknown>>;
  return JSON.stringify([node, type, timeNs, index, from, candidate]);
}

function isOperation(record: unknown): boolean {
  return typeof record === "object" && record !== null && "process" in record;
}
