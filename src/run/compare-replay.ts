import type { RunResults } from "../store/results.ts";

/** What is known of a simulated run: the bytes of its history, and its results where it was judged. */
export interface RecordedRun<Results = RunResults> {
  readonly history: Buffer;
  readonly results: Results;
}

export interface Comparison {
  /** Equal plans have led to different runs. */
  readonly isDefect: boolean;
  /** One sentence. */
  readonly text: string;
}

/** Was it the same run again? Of one that was cut short, as far as it goes. */
export function compareReplay(
  first: RecordedRun<RunResults | undefined>,
  again: RecordedRun,
): Comparison {
  const digest = again.results.simulation?.digest ?? "none";
  const before = first.results?.simulation?.digest;
  if (before === digest && first.history.equals(again.history)) {
    return { isDefect: false, text: `the same run to the byte: digest ${digest}` };
  }
  if (before === undefined && startsWith(again.history, first.history)) {
    const text = `the same run to the byte as far as the first was recorded, which was cut short: digest ${digest}`;
    return { isDefect: false, text };
  }
  const signal = first.results?.interruptedBy ?? null;
  if (signal !== null) {
    const text = `the first run was cut short by ${signal}, and this one went on: digest ${digest}`;
    return { isDefect: false, text };
  }
  const version = first.results?.host.raftwreckVersion ?? "an unknown version";
  const text =
    `not the same run: digest ${digest}, it was ${before ?? "not recorded"}; it was recorded by ` +
    `Raftwreck ${version}, this is ${again.results.host.raftwreckVersion}`;
  return { isDefect: true, text };
}

function startsWith(whole: Buffer, part: Buffer): boolean {
  return whole.subarray(0, part.length).equals(part);
}
