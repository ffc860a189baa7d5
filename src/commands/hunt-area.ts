import process from "node:process";
import { createLiveArea } from "../report/live-area.ts";

/** Shows on stderr how something stands, in one line, until it is closed. `elapsed` is "  12 s". */
export function huntArea(
  quiet: boolean,
  lineOf: (elapsed: string, elapsedMs: number) => string,
): { close: () => void } {
  if (quiet) return { close: () => undefined };
  const isTty = process.stderr.isTTY === true && process.env["TERM"] !== "dumb";
  const area = createLiveArea(process.stderr, isTty, () => performance.now());
  const startMs = performance.now();
  const draw = (): void => {
    const elapsedMs = performance.now() - startMs;
    const line = lineOf(`${(elapsedMs / 1000).toFixed(0).padStart(4)} s`, elapsedMs);
    area.draw({ block: (columns) => [cutTo(line, columns)], line: () => line, phase: "" });
  };
  const ticker = setInterval(draw, 100);
  return {
    close: () => {
      clearInterval(ticker);
      area.close();
    },
  };
}

function cutTo(line: string, columns: number): string {
  return line.length <= columns ? line : `${line.slice(0, columns - 1)}…`;
}
