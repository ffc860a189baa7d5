import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { NO_DISK_FAULTS, type DiskFaults } from "../../node/storage/faulty-disk.ts";
import type { Content, Done } from "../../node/storage/disk.ts";
import { STORAGE_RULES } from "../../node/storage/rules.ts";
import { FolderDisk, type FolderDiskOptions } from "../../node/shell/folder-disk.ts";
import { openFolder, type OpenedFolder } from "../../node/shell/open-storage.ts";
import { tempDir } from "../store/temp-dir.ts";

const text = (written: string): Content => ({ encode: () => Buffer.from(written) });

function did(act: (done: Done) => void): Promise<void> {
  return new Promise((resolve, reject) =>
    act((error) => (error === undefined ? resolve() : reject(error))),
  );
}

/** What another process sees, or this node after a SIGKILL. */
function seen(directory: string): Record<string, string> {
  const names = fs.readdirSync(directory).sort();
  return Object.fromEntries(
    names.map((name) => [name, fs.readFileSync(path.join(directory, name), "utf8")]),
  );
}

describe.each<[FolderDiskOptions["mode"], Record<string, Record<string, string>>]>([
  [
    "direct",
    {
      created: { log: "old", "log.new": "new" },
      synced: { log: "old", "log.new": "new" },
      renamed: { log: "new" },
      appended: { log: "new, more" },
      afterAll: { log: "new, more" },
    },
  ],
  [
    "volatile",
    {
      created: { log: "old", "log.new": "" },
      synced: { log: "old", "log.new": "new" },
      renamed: { log: "old", "log.new": "new" },
      appended: { log: "old", "log.new": "new" },
      afterAll: { log: "new, more" },
    },
  ],
])("a %s disk", (mode, expected) => {
  test("shows after each operation what a SIGKILL would leave", async () => {
    const directory = tempDir();
    fs.writeFileSync(path.join(directory, "log"), "old");
    const disk = new FolderDisk({ directory, mode });
    const found: typeof expected = {};
    await did((done) => disk.create("log.new", text("new"), done));
    found["created"] = seen(directory);
    await did((done) => disk.sync("log.new", done));
    found["synced"] = seen(directory);
    await did((done) => disk.rename({ from: "log.new", to: "log" }, done));
    found["renamed"] = seen(directory);
    await did((done) => disk.append("log", text(", more"), done));
    found["appended"] = seen(directory);
    await did((done) => disk.syncDirectory(done));
    await did((done) => disk.sync("log", done));
    found["afterAll"] = seen(directory);
    expect(found).toEqual(expected);
  });
});

describe("a node's folder", () => {
  const told: string[] = [];
  const open = (directory: string, faults: () => DiskFaults = () => NO_DISK_FAULTS): OpenedFolder =>
    openFolder({
      directory,
      mode: "direct",
      nodeId: "n1",
      rules: STORAGE_RULES,
      faults,
      onPersisted: (writeId) => told.push(`persisted ${writeId}`),
      onSnapshotSaved: (index) => told.push(`saved ${index}`),
      onFailed: ({ message }) => told.push(message),
    });
  const write = {
    writeId: 1,
    hardState: { term: 1, votedFor: "n1" },
    truncateFrom: undefined,
    entries: [{ index: 1, term: 1, command: "x" }],
  };

  test("is made where it is missing, and remembers", async () => {
    const directory = path.join(tempDir(), "a", "b");
    const { storage, statistics } = open(directory);
    storage.write(write);
    await expect.poll(() => told.splice(0)).toEqual(["persisted 1"]);
    expect(statistics).toMatchObject({ syncCount: 1 });
    expect(open(directory).recovered).toMatchObject({
      hardState: write.hardState,
      entries: write.entries,
      needsNewLog: false,
    });
    expect(fs.readdirSync(directory)).toEqual(["raft.wal"]);
  });

  test("loses a file that was left beside another, and its torn tail", () => {
    const directory = tempDir();
    open(directory);
    fs.writeFileSync(path.join(directory, "raft.snapshot.new"), "half of a snap");
    fs.appendFileSync(path.join(directory, "raft.wal"), "\u0000\u0000\u0000");
    expect(open(directory).recovered).toMatchObject({ tornBytes: 3 });
    expect(fs.readdirSync(directory)).toEqual(["raft.wal"]);
    expect(open(directory).recovered).toMatchObject({ tornBytes: 0 });
  });

  test("that can't be trusted is refused in one sentence, and left as it is", () => {
    const directory = tempDir();
    fs.writeFileSync(path.join(directory, "raft.wal"), "something else, and long enough");
    expect(() => open(directory)).toThrow(
      `${path.join(directory, "raft.wal")}: damaged at offset 0: the record's header fails its checksum. This`,
    );
    expect(seen(directory)).toEqual({ "raft.wal": "something else, and long enough" });
  });

  test("that is a file is refused in one sentence", () => {
    const directory = path.join(tempDir(), "file");
    fs.writeFileSync(directory, "");
    expect(() => open(directory)).toThrow(`${directory}: EEXIST: file already exists, mkdir`);
  });

  test("may be faulty from a moment on", async () => {
    let faults = NO_DISK_FAULTS;
    const { storage } = open(tempDir(), () => faults);
    storage.write(write);
    await expect.poll(() => told.splice(0)).toEqual(["persisted 1"]);
    faults = { ...NO_DISK_FAULTS, full: true };
    storage.write({ ...write, writeId: 2 });
    await expect.poll(() => told.splice(0)).toEqual(["ENOSPC: no space left on device, write"]);
  });
});
