import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crc32 } from "../../node/storage/crc32.ts";
import { concat, encodeFileHeader, encodeWrite, recover } from "../../node/storage/wal.ts";
import type { Entry } from "../../node/raft/log.ts";
import type { HardState, Write } from "../../node/raft/state.ts";
import { encodeUtf8 } from "../../src/base/utf8.ts";

interface Content {
  readonly hardState: HardState;
  readonly entries: readonly Entry[];
}

const EMPTY: Content = { hardState: { term: 0, votedFor: null }, entries: [] };

/** What a log holds after a write: the oracle. */
function after(content: Content, write: Pick<Write, "hardState" | "truncateFrom" | "entries">) {
  const kept = content.entries.slice(0, (write.truncateFrom ?? Infinity) - 1);
  return { hardState: write.hardState ?? content.hardState, entries: [...kept, ...write.entries] };
}

type Draft = {
  readonly termStep: number;
  readonly votedFor: string | null | undefined;
  readonly keep: number;
  readonly commands: readonly string[];
};

const drafts = fc.array(
  fc.record({
    termStep: fc.nat(3),
    votedFor: fc.constantFrom(null, undefined, "n1", "n2"),
    keep: fc.nat(8),
    commands: fc.array(fc.string({ unit: "binary", maxLength: 12 }), { maxLength: 4 }),
  }),
  { maxLength: 8 },
);

/** Turns random drafts into writes that a node could make: terms rise, entries follow each other. */
function writesOf(list: readonly Draft[]): Write[] {
  let content = EMPTY;
  return list.map(({ termStep, votedFor, keep, commands }, i) => {
    const term = content.hardState.term + termStep;
    const length = content.entries.length;
    const cuts = keep < length && keep % 2 === 0;
    const first = cuts ? keep + 1 : length + 1;
    const write: Write = {
      writeId: i + 1,
      hardState: votedFor === undefined ? undefined : { term, votedFor },
      truncateFrom: cuts ? first : undefined,
      entries: commands.map((command, k) => ({ index: first + k, term, command })),
    };
    content = after(content, write);
    return write;
  });
}

const header = encodeFileHeader("n1");
const fileOf = (writes: readonly Write[]): Uint8Array =>
  concat([header, ...writes.map(encodeWrite)]);

const EXAMPLE = writesOf([
  { termStep: 1, votedFor: "n2", keep: 9, commands: ["one", "two", "three"] },
  { termStep: 1, votedFor: null, keep: 2, commands: ["zwei ✓", "\u0000\ud83d\ude00"] },
  { termStep: 2, votedFor: "n1", keep: 9, commands: [] },
  { termStep: 0, votedFor: undefined, keep: 9, commands: ["last"] },
]);

describe("a file that is whole", () => {
  test("gives back what was written, with truncations", () => {
    expect(recover(fileOf(EXAMPLE), "n1")).toEqual({
      type: "recovered",
      hardState: { term: 4, votedFor: "n1" },
      entries: [
        { index: 1, term: 1, command: "one" },
        { index: 2, term: 1, command: "two" },
        { index: 3, term: 2, command: "zwei ✓" },
        { index: 4, term: 2, command: "\u0000\ud83d\ude00" },
        { index: 5, term: 4, command: "last" },
      ],
      goodBytes: fileOf(EXAMPLE).length,
      tornBytes: 0,
    });
  });

  test("of any writes gives back what was written", () => {
    fc.assert(
      fc.property(drafts, (list) => {
        const writes = writesOf(list);
        expect(recover(fileOf(writes), "n1")).toMatchObject(writes.reduce(after, EMPTY));
      }),
    );
  });

  test("of no bytes is a new one", () => {
    expect(recover(new Uint8Array(), "n1")).toMatchObject({ ...EMPTY, goodBytes: 0, tornBytes: 0 });
  });

  test("is read from the middle of a larger buffer as well", () => {
    const file = fileOf(EXAMPLE);
    const larger = concat([new Uint8Array([7, 7, 7]), file]);
    expect(recover(larger.subarray(3), "n1")).toEqual(recover(file, "n1"));
  });
});

describe("a torn tail is cut off", () => {
  test("every beginning of a file is recovered with exactly its whole records", () => {
    fc.assert(
      fc.property(drafts, (list) => {
        const writes = writesOf(list);
        const file = fileOf(writes);
        const ends = recordEnds(file);
        for (let length = 0; length <= file.length; length++) {
          const found = recover(file.slice(0, length), "n1");
          const goodBytes = Math.max(...ends.filter((end) => end <= length));
          expect(found).toMatchObject({
            type: "recovered",
            goodBytes,
            tornBytes: length - goodBytes,
          });
          // The same as if the torn record had never been begun.
          const whole = recover(file.slice(0, goodBytes), "n1");
          expect(found).toEqual({ ...whole, tornBytes: length - goodBytes });
        }
      }),
      { numRuns: 25 },
    );
  });

  test("a crash at every boundary of a write loses nothing of the writes before it", () => {
    let bytes = header;
    let content = EMPTY;
    for (const write of EXAMPLE) {
      bytes = concat([bytes, encodeWrite(write)]);
      content = after(content, write);
      expect(recover(bytes, "n1")).toMatchObject({ ...content, tornBytes: 0 });
    }
  });

  test("zeros to the end, as a file system leaves them, are a torn tail", () => {
    const file = fileOf(EXAMPLE);
    for (const end of recordEnds(file)) {
      for (const zeros of [1, 15, 16, 17, 4096]) {
        const found = recover(concat([file.slice(0, end), new Uint8Array(zeros)]), "n1");
        expect(found).toMatchObject({ type: "recovered", goodBytes: end, tornBytes: zeros });
      }
    }
  });

  test("a header without any of its content, but zeros, is a torn tail", () => {
    const file = fileOf(EXAMPLE);
    const start = recordEnds(file).at(-2)!;
    const torn = file.slice();
    torn.fill(0, start + 16);
    expect(recover(torn, "n1")).toMatchObject({ type: "recovered", goodBytes: start });
  });

  test("what is appended after the cut is found next time", () => {
    const file = fileOf(EXAMPLE);
    const found = recover(file.slice(0, file.length - 3), "n1");
    const goodBytes = found.type === "recovered" ? found.goodBytes : -1;
    const entries = [{ index: 5, term: 5, command: "again" }];
    const more = encodeWrite({
      writeId: 9,
      hardState: undefined,
      truncateFrom: undefined,
      entries,
    });
    const again = recover(concat([file.slice(0, goodBytes), more]), "n1");
    expect(again).toMatchObject({ type: "recovered", tornBytes: 0 });
    expect(again.type === "recovered" && again.entries.at(-1)).toEqual(entries[0]);
  });
});

describe("damage is refused with the place", () => {
  test("every flip of every byte is refused where it is, never silently read as something else", () => {
    const file = fileOf(EXAMPLE);
    const whole = recover(file, "n1");
    const ends = recordEnds(file);
    for (let at = 0; at < file.length; at++) {
      for (const flip of [1, 2, 4, 8, 16, 32, 64, 128, 255]) {
        const damaged = file.slice();
        damaged[at]! ^= flip;
        const found = recover(damaged, "n1");
        expect(found, `byte ${at} ^ ${flip}: ${JSON.stringify(whole)}`).toMatchObject({
          type: "damaged",
          offset: Math.max(...ends.filter((end) => end <= at)),
        });
      }
    }
  });

  test("a missing record in the middle is refused", () => {
    const file = fileOf(EXAMPLE);
    const ends = recordEnds(file);
    const found = ends.slice(2, -1).map((end, i) => {
      const start = ends[i + 1]!;
      return recover(concat([file.slice(0, start), file.slice(end)]), "n1").type;
    });
    expect(found).toContain("damaged");
  });

  const write = (part: Partial<Write>): Uint8Array =>
    concat([
      header,
      encodeWrite({
        writeId: 1,
        hardState: undefined,
        truncateFrom: undefined,
        entries: [],
        ...part,
      }),
    ]);
  test.each([
    ["of another node", encodeFileHeader("n2"), 0, "it belongs to node n2, not to n1"],
    ["with no file header", write({}).slice(header.length), undefined, undefined],
    [
      "that begins with something else",
      write({ hardState: { term: 1, votedFor: null } }).slice(header.length),
      0,
      "a file header is expected here, and only here",
    ],
    [
      "with a second header",
      concat([header, header]),
      header.length,
      "a file header is expected here, and only here",
    ],
    [
      "of another version",
      record(1, { format: "raftwreck-wal", version: 2, node: "n1" }),
      0,
      "version 2, this node reads 1",
    ],
    ["of another format", record(1, { format: "x" }), 0, "not a Raftwreck write-ahead log"],
    ["of a later kind", concat([header, record(9, [])]), header.length, "unknown record type 9"],
    [
      "with a gap between entries",
      write({ entries: [{ index: 2, term: 1, command: "" }] }),
      header.length,
      "entry 2 after entry 0",
    ],
    [
      "that cuts what is not there",
      write({ truncateFrom: 1 }),
      header.length,
      "truncation at 1 of 0 entries",
    ],
    [
      "whose term goes back",
      concat([write({ hardState: { term: 2, votedFor: null } }), record(2, [1, null])]),
      undefined,
      "term 1 after term 2",
    ],
  ])("a file %s", (_, bytes, offset, reason) => {
    const found = recover(bytes, "n1");
    if (reason === undefined) expect(found).toMatchObject({ type: "recovered", ...EMPTY });
    else if (offset === undefined) expect(found).toMatchObject({ type: "damaged", reason });
    else expect(found).toEqual({ type: "damaged", offset, reason });
  });
});

test("the checksum is CRC-32 as everyone knows it", () => {
  expect(crc32(encodeUtf8("123456789"))).toBe(0xcbf43926);
  expect(crc32(encodeUtf8("x123456789y"), 1, 10)).toBe(0xcbf43926);
  expect(crc32(new Uint8Array())).toBe(0);
});

/** Where records end, 0 included, read from their lengths. */
function recordEnds(file: Uint8Array): number[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const ends = [0];
  for (let end = 0; end < file.length; ends.push(end)) end += 16 + view.getUint32(end, true);
  return ends;
}

/** A record by the book, of any kind. */
function record(kind: number, payload: unknown): Uint8Array {
  const body = encodeUtf8(JSON.stringify(payload));
  const head = new Uint8Array(16);
  const view = new DataView(head.buffer);
  view.setUint32(0, body.length, true);
  view.setUint32(4, crc32(body), true);
  view.setUint8(8, kind);
  view.setUint32(12, crc32(head, 0, 12), true);
  return concat([head, body]);
}
