import path from "node:path";
import type { CheckerRecord } from "../../checker/checker.ts";
import { isSeenFromOutside, type TraceEvent } from "../base/trace.ts";
import { HistoryWriter } from "../store/history-file.ts";
import { mergeTrace, TraceWriter } from "../store/trace-file.ts";
import type { EnvironmentError } from "../base/errors.ts";
import { opOf, type OpDraft } from "./load.ts";

export interface RecordingOptions {
  readonly directory: string;
  /** What the history's first line says. */
  readonly header: { readonly workload: string; readonly startedAt: string };
  /** Nanoseconds since the start of the run. */
  readonly nowNs: () => number;
  /** Subtracted from the times of trace events. */
  readonly originNs: number;
  /**
   * `environment`: nodes write their own traces beside this one. `seen`: they write none, and this is the whole trace,
   * by the host's clock; `all`: by the run's.
   */
  readonly trace: "environment" | "seen" | "all";
  readonly observe: (record: CheckerRecord) => void;
}

/** Puts on disk what happens, as it happens, and hands it to whoever looks at the run. */
export class Recording {
  readonly #options: RecordingOptions;
  readonly #history: HistoryWriter;
  readonly #trace: TraceWriter;
  #nextIndex = 0;
  #failure: EnvironmentError | undefined;

  constructor(options: RecordingOptions) {
    const { directory, header, trace } = options;
    const onFailure = (error: EnvironmentError): void => {
      this.#failure ??= error;
    };
    this.#options = options;
    this.#history = new HistoryWriter(path.join(directory, "history.jsonl"), header, { onFailure });
    this.#trace =
      trace === "all"
        ? new TraceWriter(path.join(directory, "trace.jsonl"), "run", { onFailure })
        : new TraceWriter(path.join(directory, "trace", "environment.jsonl"), "host", {
            onFailure,
          });
  }

  /** One sentence once the disk has refused a record. */
  trouble(): string | undefined {
    return this.#failure?.message;
  }

  op(draft: OpDraft): void {
    const op = opOf(draft, { index: this.#nextIndex++, timeNs: this.#options.nowNs() });
    this.#history.append(op);
    this.#options.observe({ type: "op", op });
  }

  /** An event with the time of the environment's clock. */
  trace(event: TraceEvent): void {
    const { originNs, trace, observe } = this.#options;
    if (trace !== "environment" || isSeenFromOutside(event)) this.#trace.append(event);
    const isShifted = originNs !== 0;
    observe({
      type: "trace",
      event: isShifted ? { ...event, timeNs: event.timeNs - originNs } : event,
    });
  }

  /** Closes the files and makes one trace of the parts. */
  close(): void {
    this.#history.close();
    this.#trace.close();
    mergeTrace(this.#options.directory, this.#options.originNs);
  }
}
