/** Cuts a text that arrives in pieces into lines, without their line ends. */
export class LineCutter {
  /** Of the last line that was handed out, 1-based. */
  line = 0;
  #rest = "";

  *push(piece: string): Generator<string, void, undefined> {
    let start = 0;
    for (let end = piece.indexOf("\n"); end !== -1; end = piece.indexOf("\n", start)) {
      const whole = this.#rest + piece.slice(start, end);
      this.#rest = "";
      start = end + 1;
      this.line++;
      yield whole;
    }
    this.#rest += piece.slice(start);
  }

  /** The last line, if it has no line end. */
  *end(): Generator<string, void, undefined> {
    if (this.#rest === "") return;
    this.line++;
    yield this.#rest;
  }
}
