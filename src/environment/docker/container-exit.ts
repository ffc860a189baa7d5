const SIGNALS: Readonly<Record<number, string>> = { 6: "SIGABRT", 9: "SIGKILL", 15: "SIGTERM" };

/** The engine tells of a death by signal n as 128 + n. */
export function exitOf(status: number): {
  readonly code: number | null;
  readonly signal: string | null;
} {
  const signal = SIGNALS[status - 128];
  return signal === undefined ? { code: status, signal: null } : { code: null, signal };
}
