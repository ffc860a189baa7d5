import { createLiveArea } from "./live-area.ts";
import { liveBlock } from "./live-block.ts";
import { eventLine, progressLine } from "./progress-lines.ts";
import type { ProgressEvent } from "./progress.ts";
import type { ProgressView } from "./progress-view.ts";
import { chooseStyle, type TextStyle } from "./style.ts";

/** The part of a stream that is needed: process.stderr, or a test's list of strings. */
export interface TextSink {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface TerminalOptions {
  /** Normally process.stderr: stdout is for the result. */
  readonly sink: TextSink;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly color?: boolean | undefined;
  /** A clock for how often to draw. */
  readonly nowMs: () => number;
  /** Nothing at all but violations. */
  readonly quiet?: boolean;
}

export interface Terminal {
  /** To be called often (10 times a second); draws as often as is good. */
  update(view: ProgressView): void;
  /** One line that stays. */
  event(event: ProgressEvent): void;
  /** Any other line that stays, e.g. of a log; keeps the live block whole. */
  line(text: string): void;
  /** Removes the live block. Anything may be written to the sink afterwards. */
  close(): void;
}

/** A live block on a terminal; in a pipe a line every ten seconds and one per event, without control codes. */
export function createTerminal(options: TerminalOptions): Terminal {
  const { sink, env, color, nowMs } = options;
  const isTty = sink.isTTY === true && env["TERM"] !== "dumb";
  const style = chooseStyle({ color, isTty, env });
  if (options.quiet === true) return quietTerminal(options, style);
  const area = createLiveArea(sink, isTty, nowMs);
  return {
    update: (view) =>
      area.draw({
        block: (columns) => liveBlock(view, { style, columns }),
        line: () => progressLine(view, style),
        phase: view.phase,
      }),
    event: (event) => area.line(eventLine(event, style)),
    line: (text) => area.line(text),
    close: () => area.close(),
  };
}

function quietTerminal({ sink }: TerminalOptions, style: TextStyle): Terminal {
  return {
    update: () => {},
    event: (event) => {
      if (event.type === "violation") sink.write(`${eventLine(event, style)}\n`);
    },
    line: () => {},
    close: () => {},
  };
}
