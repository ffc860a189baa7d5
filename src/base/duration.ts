const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
};

/** 24 days: Node.js takes a longer timer for one of a millisecond. */
export const DURATION_MS_MAX = 2 ** 31 - 1;

/**
 * Reads "300", "1.5s", "250ms", "5m", "1h" or a number as milliseconds; a bare number is in `unit`.
 * Returns undefined for anything else, negative numbers and more than 24 days included.
 */
export function parseDurationMs(input: string | number, unit: "s" | "ms"): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|min|m|h)?$/.exec(String(input).trim());
  if (!match) return undefined;
  const ms = Number(match[1]) * UNIT_MS[match[2] ?? unit]!;
  return ms <= DURATION_MS_MAX ? ms : undefined;
}

/** "340 ms", "12.4 s", "5 min 20 s": what a person would say. */
export function formatDurationMs(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.round((ms - minutes * 60_000) / 1000);
  return seconds === 0 ? `${minutes} min` : `${minutes} min ${seconds} s`;
}

/** A moment of a run as people read it: seconds since the start with two digits, "88.20 s". */
export function formatMomentNs(timeNs: number): string {
  return `${(timeNs / 1e9).toFixed(2)} s`;
}
