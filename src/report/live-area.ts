import type { TextSink } from "./terminal.ts";

const REDRAW_MS = 100;
const LINE_EVERY_MS = 10_000;

/** Where something goes on: a few lines that are drawn over again and again, below lines that stay. */
export interface LiveArea {
  /** To be called often; draws as often as is good. */
  draw(content: LiveContent): void;
  /** One line that stays. */
  line(text: string): void;
  /** Removes what is drawn over. Anything may be written to the sink afterwards. */
  close(): void;
}

export interface LiveContent {
  /** On a terminal, of so many columns. */
  readonly block: (columns: number) => readonly string[];
  /** In a pipe, where nothing can be drawn over. */
  readonly line: () => string;
  /** Where this changes, a line is due before its time. */
  readonly phase: string;
}

/** A block on a terminal; in a pipe a line every ten seconds, without control codes. */
export function createLiveArea(sink: TextSink, isTty: boolean, nowMs: () => number): LiveArea {
  return isTty ? blockArea(sink, nowMs) : lineArea(sink, nowMs);
}

function blockArea(sink: TextSink, nowMs: () => number): LiveArea {
  let drawn: readonly string[] = [];
  let drawnAtMs = -Infinity;

  // Up over the block's lines, then clear to the end of the screen: nothing is left of a longer block.
  const erase = (): string => (drawn.length === 0 ? "" : `\u001b[${drawn.length}A\r\u001b[0J`);
  const block = (): string => drawn.map((line) => `${line}\n`).join("");
  return {
    draw: (content) => {
      if (nowMs() - drawnAtMs < REDRAW_MS) return;
      drawnAtMs = nowMs();
      const before = erase();
      drawn = content.block(sink.columns || 80);
      sink.write(before + block());
    },
    line: (text) => {
      sink.write(`${erase()}${text}\n${block()}`);
    },
    close: () => {
      sink.write(erase());
      drawn = [];
    },
  };
}

function lineArea(sink: TextSink, nowMs: () => number): LiveArea {
  let lastLineMs = -Infinity;
  let lastPhase = "";
  const line = (text: string): void => {
    sink.write(`${text}\n`);
  };
  return {
    draw: (content) => {
      if (content.phase === lastPhase && nowMs() - lastLineMs < LINE_EVERY_MS) return;
      lastPhase = content.phase;
      lastLineMs = nowMs();
      line(content.line());
    },
    line,
    close: () => {},
  };
}
