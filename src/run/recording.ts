import path from "node:path";
import type { TraceEvent } from "../base/trace.ts";
import { hostTimeNs } from "../environment/environment.ts";
import { HistoryWriter } from "../store/history-file.ts";
import { mergeTrace, TraceWriter } from "../store/trace-file.ts";
import type { EnvironmentError } from "../base/errors.ts";
import type { Feed } from "./feed.ts";
import type { OpDraft } from "./load.ts";

export interface RecordingOptions {
  readonly directory: string;
  readonly originNs: number;
  readonly startedAt: Date;
  readonly workload: string;
  readonly feed: Feed;
}

/** Puts on disk what happens, as it happens, and hands it to whoever looks at the run. */
export class Recording {
  readonly #options: RecordingOptions;
  readonly #history: HistoryWriter;
  /** What the environment saw of the nodes; they write their own traces beside it. */
  readonly #environmentTrace: TraceWriter;
  #nextIndex = 0;
  #failure: EnvironmentError | undefined;

  constructor(options: RecordingOptions) {
    const { directory, startedAt, workload } = options;
    const onFailure = (error: EnvironmentError): void => {
      this.#failure ??= error;
    };
    this.#options = options;
    this.#history = new HistoryWriter(
      path.join(directory, "history.jsonl"),
      { workload, startedAt: startedAt.toISOString() },
      { onFailure },
    );
    const environmentFile = path.join(directory, "trace", "environment.jsonl");
    this.#environmentTrace = new TraceWriter(environmentFile, "host", { onFailure });
  }

  /** One sentence once the disk has refused a record. */
  trouble(): string | undefined {
    return this.#failure?.message;
  }

  /** Nanoseconds since the start of the run. */
  nowNs(): number {
    return hostTimeNs() - this.#options.originNs;
  }

  op(draft: OpDraft): void {
    const op = { index: this.#nextIndex++, timeNs: this.nowNs(), ...draft };
    this.#history.append(op);
    this.#options.feed.push({ type: "op", op });
  }

  /** An event with the host's time. */
  trace(event: TraceEvent): void {
    if (event.type === "exit" || event.type === "log") this.#environmentTrace.append(event);
    const timeNs = event.timeNs - this.#options.originNs;
    this.#options.feed.push({ type: "trace", event: { ...event, timeNs } });
  }

  /** Closes the files and makes one trace of the parts. */
  close(): void {
    this.#history.close();
    this.#environmentTrace.close();
    mergeTrace(this.#options.directory, this.#options.originNs);
  }
}
