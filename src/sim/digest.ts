/** Two 32-bit lanes over everything that happens: equal digests mean equal runs. */
export class Digest {
  #a = 0x243f6a88;
  #b = 0x85a308d3;

  event(timeNs: number, label: number): void {
    this.number(timeNs);
    this.#mix(label);
  }

  /** A whole number below 2^53. */
  number(value: number): void {
    this.#mix(value >>> 0);
    this.#mix((value / 4294967296) >>> 0);
  }

  text(text: string): void {
    for (let i = 0; i < text.length; i++) this.#mix(text.charCodeAt(i));
    this.#mix(text.length);
  }

  /** Anything that JSON can tell. */
  value(value: unknown): void {
    if (typeof value === "string") this.text(value);
    else if (value === null) this.text("null");
    else if (Number.isSafeInteger(value)) this.number(value as number);
    else if (Array.isArray(value)) {
      for (const element of value) this.value(element);
      this.#mix(value.length);
    } else this.text(JSON.stringify(value));
  }

  toString(): string {
    const hex = (lane: number): string => (lane >>> 0).toString(16).padStart(8, "0");
    return hex(this.#a) + hex(this.#b);
  }

  #mix(value: number): void {
    this.#a = Math.imul(this.#a ^ value, 0x9e3779b1);
    this.#a ^= this.#a >>> 15;
    this.#b = Math.imul(this.#b ^ value, 0x85ebca77);
    this.#b = (this.#b << 13) | (this.#b >>> 19);
  }
}
