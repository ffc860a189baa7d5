/** A history that cannot be read: where, and why in words that complete "file: line 7: …". */
export class MalformedHistory extends Error {
  override readonly name = "MalformedHistory";
  /** 1-based. */
  readonly line: number;
  readonly reason: string;

  constructor(line: number, reason: string) {
    super(`line ${line}: ${reason}`);
    this.line = line;
    this.reason = reason;
  }
}
