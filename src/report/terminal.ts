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
  const { sink, env, color } = options;
  const isTty = sink.isTTY === true && env["TERM"] !== "dumb";
  const style = chooseStyle({ color, isTty, env });
  if (options.quiet === true) return quietTerminal(options, style);
  return isTty ? liveTerminal(options, style) : lineTerminal(options, style);
}

const REDRAW_MS = 100;
const LINE_EVERY_MS = 10_000;

function liveTerminal({ sink, nowMs }: TerminalOptions, style: TextStyle): Terminal {
  let drawn: readonly string[] = [];
  let drawnAtMs = -Infinity;

  // Up over the block's lines, then clear to the end of the screen: nothing is left of a longer block.
  const erase = (): string => (drawn.length === 0 ? "" : `\u001b[${drawn.length}A\r\u001b[0J`);
  const block = (): string => drawn.map((line) => `${line}\n`).join("");
  const line = (text: string): void => {
    sink.write(`${erase()}${text}\n${block()}`);
  };
  return {
    update: (view) => {
      if (nowMs() - drawnAtMs < REDRAW_MS) return;
      drawnAtMs = nowMs();
      const before = erase();
      drawn = liveBlock(view, { style, columns: sink.columns || 80 });
      sink.write(before + block());
    },
    event: (event) => line(eventLine(event, style)),
    line,
    close: () => {
      sink.write(erase());
      drawn = [];
    },
  };
}

function lineTerminal({ sink, nowMs }: TerminalOptions, style: TextStyle): Terminal {
  let lastLineMs = -Infinity;
  let lastPhase = "";
  const line = (text: string): void => {
    sink.write(`${text}\n`);
  };
  return {
    update: (view) => {
      const isNews = view.phase !== lastPhase || nowMs() - lastLineMs >= LINE_EVERY_MS;
      if (!isNews) return;
      lastPhase = view.phase;
      lastLineMs = nowMs();
      line(progressLine(view, style));
    },
    event: (event) => line(eventLine(event, style)),
    line,
    close: () => {},
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
