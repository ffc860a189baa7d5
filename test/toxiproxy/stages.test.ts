import { describe, expect, test } from "vitest";
import { createPrng } from "../../src/base/prng.ts";
import { Alarm, type Clock } from "../../src/toxiproxy/clock.ts";
import type { Stage } from "../../src/toxiproxy/stage.ts";
import { pieceSizes } from "../../src/toxiproxy/toxics/slicer.ts";
import { TOXIC_TYPES } from "../../src/toxiproxy/toxics/table.ts";

// The toxics on a clock that is turned by hand: exactly what leaves when.

/** Timers of more than 1 ms ring early, as those of Node.js may. */
class ManualClock implements Clock {
  #nowMs = 0;
  #timers: { atMs: number; callback: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = {
      atMs: this.#nowMs + (delayMs > 1 ? delayMs - 0.6 : Math.max(0, delayMs)),
      callback,
    };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((kept) => kept !== timer);
    };
  }

  turnTo(ms: number): void {
    for (;;) {
      const [first] = this.#timers.toSorted((a, b) => a.atMs - b.atMs);
      if (!first || first.atMs > ms) break;
      this.#timers = this.#timers.filter((kept) => kept !== first);
      this.#nowMs = Math.max(this.#nowMs, first.atMs);
      first.callback();
    }
    this.#nowMs = ms;
  }

  get timerCount(): number {
    return this.#timers.length;
  }
}

/** A stage whose departures are written down as "ms:text", the end as "ms:end". */
function stageOf(type: string, attributes: Record<string, number>) {
  const clock = new ManualClock();
  const toxic = { attributes };
  const log: string[] = [];
  const write = (what: string): void => {
    log.push(`${Math.round(clock.nowMs())}:${what}`);
  };
  const stage: Stage = TOXIC_TYPES.get(type)!.createStage({
    toxic,
    clock,
    prng: createPrng("stages"),
    relieved: () => {},
  });
  stage.next = { push: ({ data }) => write(data.toString()), end: () => write("end") };
  return {
    clock,
    log,
    stage,
    push: (text: string) => stage.push({ data: Buffer.from(text), receivedAtMs: clock.nowMs() }),
    set: (changed: Record<string, number>) => {
      toxic.attributes = changed;
      stage.update();
    },
  };
}

describe("latency", () => {
  test("counts from the receipt, and the end follows the last chunk", () => {
    const { clock, log, stage, push } = stageOf("latency", { latency: 100, jitter: 0 });
    push("a");
    clock.turnTo(30);
    push("b");
    stage.end();
    clock.turnTo(99.9);
    expect(log).toEqual([]);
    clock.turnTo(1000);
    expect(log).toEqual(["100:a", "130:b", "130:end"]);
  });

  test("an end without data is not delayed", () => {
    const { log, stage } = stageOf("latency", { latency: 100, jitter: 0 });
    stage.end();
    expect(log).toEqual(["0:end"]);
  });

  test("jitter stays within its bounds and never reorders", () => {
    const { clock, log, push } = stageOf("latency", { latency: 50, jitter: 40 });
    for (let i = 0; i < 200; i++) {
      clock.turnTo(i * 200);
      push(String(i));
    }
    clock.turnTo(100_000);
    const delays = log.map((line, i) => Number(line.split(":")[0]) - i * 200);
    expect(log.map((line) => line.split(":")[1])).toEqual(log.map((_, i) => String(i)));
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...delays)).toBeLessThanOrEqual(90);
    expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(60);
  });

  test("an update moves what is waiting", () => {
    const { clock, log, push, set } = stageOf("latency", { latency: 1000, jitter: 0 });
    push("a");
    clock.turnTo(50);
    set({ latency: 80, jitter: 0 });
    clock.turnTo(1000);
    expect(log).toEqual(["80:a"]);
  });

  test("a release hands on everything, then the end", () => {
    const { clock, log, stage, push } = stageOf("latency", { latency: 1000, jitter: 0 });
    push("a");
    push("b");
    stage.end();
    clock.turnTo(5);
    stage.release();
    expect(log).toEqual(["5:a", "5:b", "5:end"]);
    expect(clock.timerCount).toBe(0);
  });
});

describe("bandwidth", () => {
  test("waits before sending; what comes meanwhile queues behind it", () => {
    const { clock, log, push } = stageOf("bandwidth", { rate: 1 });
    push("x".repeat(50));
    push("y".repeat(20));
    clock.turnTo(1000);
    push("z");
    clock.turnTo(2000);
    expect(log.map((line) => line.replace(/(.)\1*$/, "$1"))).toEqual(["50:x", "70:y", "1001:z"]);
  });

  test("cuts large chunks into slices of 100 ms", () => {
    const { clock, log, push } = stageOf("bandwidth", { rate: 1 });
    push("x".repeat(250));
    clock.turnTo(1000);
    expect(log.map((line) => [line.split(":")[0], line.split(":")[1]?.length])).toEqual([
      ["100", 100],
      ["200", 100],
      ["250", 50],
    ]);
  });

  test("rate 0 holds everything; a rate after it starts from then", () => {
    const { clock, log, stage, push, set } = stageOf("bandwidth", { rate: 0 });
    push("x".repeat(10));
    push("y".repeat(10));
    clock.turnTo(50_000);
    expect([log, stage.heldBytes, stage.heldChunks]).toEqual([[], 20, 2]);
    set({ rate: 1 });
    clock.turnTo(60_000);
    expect(log.map((line) => line.split(":")[0])).toEqual(["50010", "50020"]);
    expect(stage.heldBytes).toBe(0);
  });
});

describe("timeout", () => {
  test("every swallowed chunk restarts the clock", () => {
    const { clock, log, push } = stageOf("timeout", { timeout: 100 });
    clock.turnTo(90);
    push("lost");
    clock.turnTo(180);
    push("lost");
    clock.turnTo(1000);
    push("lost");
    expect(log).toEqual(["280:end"]);
  });

  test("0 never closes; removal does", () => {
    const { clock, log, stage, push } = stageOf("timeout", { timeout: 0 });
    push("lost");
    clock.turnTo(1e9);
    expect([log, clock.timerCount]).toEqual([[], 0]);
    stage.remove();
    expect(log).toEqual(["1000000000:end"]);
  });

  test("an end passes", () => {
    const { clock, log, stage } = stageOf("timeout", { timeout: 100 });
    stage.end();
    clock.turnTo(1000);
    expect(log).toEqual(["0:end"]);
  });
});

describe("slow_close", () => {
  test("an update counts from the end", () => {
    const { clock, log, stage, push, set } = stageOf("slow_close", { delay: 1000 });
    push("a");
    stage.end();
    clock.turnTo(100);
    set({ delay: 150 });
    clock.turnTo(2000);
    expect(log).toEqual(["0:a", "150:end"]);
  });
});

describe("reset_peer", () => {
  test("the first chunk starts it, and all data are dropped", () => {
    const { clock, log, push } = stageOf("reset_peer", { timeout: 100 });
    clock.turnTo(50);
    push("a");
    clock.turnTo(120);
    push("b");
    clock.turnTo(1000);
    expect(log).toEqual(["150:end"]);
  });
});

describe("limit_data", () => {
  test("the count survives an update", () => {
    const { log, push, set } = stageOf("limit_data", { bytes: 100 });
    push("abc");
    set({ bytes: 5 });
    push("defg");
    push("h");
    expect(log).toEqual(["0:abc", "0:de", "0:end"]);
  });

  test("closes on reaching the limit, not on passing it", () => {
    const { log, push } = stageOf("limit_data", { bytes: 3 });
    push("abc");
    expect(log).toEqual(["0:abc", "0:end"]);
  });
});

describe("slicer", () => {
  test("pauses between pieces, by microseconds", () => {
    const { clock, log, push } = stageOf("slicer", {
      average_size: 2,
      size_variation: 0,
      delay: 2500,
    });
    push("aabbccdd");
    clock.turnTo(100);
    expect(log).toEqual(["0:aa", "3:bb", "5:cc", "8:dd"]);
  });

  test.each([
    [100, 10, 0],
    [1000, 10, 10],
    [4096, 1, 1],
    [65_536, 0, 0],
    [7, 100, 5],
    [500, 1, 0],
  ])(
    "%i bytes by %i ± %i: nothing lost, nothing empty, nothing too large",
    (size, average, variation) => {
      const attributes = { average_size: average, size_variation: variation, delay: 0 };
      const pieces = pieceSizes(size, attributes, createPrng("slices"));
      expect(pieces.reduce((sum, piece) => sum + piece, 0)).toBe(size);
      expect(Math.min(...pieces)).toBeGreaterThan(0);
      expect(Math.max(...pieces)).toBeLessThanOrEqual(Math.max(1, average) + variation);
    },
  );
});

describe("every toxic", () => {
  test.each([...TOXIC_TYPES.keys()])(
    "%s: nothing leaves after its end, no timer after disposal",
    (type) => {
      const { clock, log, stage, push } = stageOf(
        type,
        Object.fromEntries(TOXIC_TYPES.get(type)!.attributeNames.map((name) => [name, 5])),
      );
      push("0123456789");
      stage.end();
      stage.end();
      clock.turnTo(1000);
      push("late");
      clock.turnTo(2000);
      expect(log.filter((line) => line.endsWith(":end"))).toHaveLength(1);
      expect(log.at(-1)).toMatch(/:end$/);
      stage.dispose();
      expect(clock.timerCount).toBe(0);
    },
  );
});

test("an alarm rings once, never early, and can be moved or cleared", () => {
  const clock = new ManualClock();
  const rings: number[] = [];
  const alarm = new Alarm(clock, () => rings.push(clock.nowMs()));
  alarm.set(10);
  alarm.set(20);
  clock.turnTo(100);
  alarm.set(Infinity);
  alarm.set(200);
  alarm.clear();
  clock.turnTo(300);
  expect(rings).toHaveLength(1);
  expect(rings[0]).toBeGreaterThanOrEqual(20);
});
