import { assert } from "../../src/base/assert.ts";
import { createPrng } from "../../src/base/prng.ts";
import { openStorage, type Opened } from "../../node/storage/open-storage.ts";
import type { StorageRules } from "../../node/storage/rules.ts";
import { crc32 } from "../../node/storage/crc32.ts";
import { LOG_FILE } from "../../node/storage/log-file.ts";
import { besideOf } from "../../node/storage/replace-file.ts";
import { SNAPSHOT_FILE } from "../../node/storage/snapshot-file.ts";
import { Storage } from "../../node/storage/storage.ts";
import { Files, type Fate } from "../../src/sim/files.ts";
import { ScriptedNode, type Act } from "./scripted-node.ts";
import { StepDisk } from "./step-disk.ts";

export interface CrashRun {
  readonly script: readonly Act[];
  /** Decides which of the operations asked for at once is done first. */
  readonly order: string;
  readonly rules: StorageRules;
  readonly compactsEarly?: boolean;
}

export interface Crashed {
  readonly node: ScriptedNode;
  readonly disk: StepDisk;
}

/** A new node's life; `watch` is called at every moment at which the power might be cut. */
export function runThrough(
  run: CrashRun,
  options: { readonly failing?: number; readonly watch?: (crashed: Crashed) => void } = {},
): Crashed {
  const node = new ScriptedNode({ compactsEarly: run.compactsEarly ?? false });
  const disk: StepDisk = new StepDisk(new Files(), createPrng(run.order), {
    ...(options.failing !== undefined && { failing: options.failing }),
    watch: () => options.watch?.({ node, disk }),
  });
  let opened: Opened | undefined;
  openStorage(disk, NODE, run.rules, (outcome) => (opened = outcome));
  while (opened === undefined && disk.step());
  if (opened?.type !== "recovered") return { node, disk };
  node.storage = storageOn(disk, node, run.rules);
  const pace = createPrng(`${run.order}/pace`);
  for (const act of run.script) {
    if (act.type === "wait") while (disk.step());
    else {
      node.act(act);
      for (let steps = pace.int(0, 2); steps > 0 && disk.step(); steps--);
    }
  }
  while (disk.step());
  return { node, disk };
}

const NODE = "n1";

function storageOn(disk: StepDisk, node: ScriptedNode, rules: StorageRules): Storage {
  return new Storage({
    disk,
    nodeId: NODE,
    rules,
    soon: (act) => act(),
    onPersisted: (writeId) => node.onPersisted(writeId),
    onSnapshotSaved: (index) => node.onSnapshotSaved(index),
    onFailed: (error) => (node.failure = error),
  });
}

/** Starts on what is there; `watch` is called at every moment at which the power might be cut again. */
export function restart(
  files: Files,
  rules: StorageRules,
  watch: () => void = () => undefined,
): Opened | undefined {
  const disk = new StepDisk(files, createPrng("restart"), { watch });
  let opened: Opened | undefined;
  openStorage(disk, NODE, rules, (outcome) => (opened = outcome));
  while (disk.step());
  return opened;
}

/** Starts on what is there and makes one more write durable, which a later start has to find. */
export function goesOn(files: Files, rules: StorageRules): string | undefined {
  const opened = restart(files, rules);
  assert(opened?.type === "recovered", `a second start found ${JSON.stringify(opened)}`);
  const disk = new StepDisk(files, createPrng("go on"));
  const node = new ScriptedNode();
  const storage = storageOn(disk, node, rules);
  const { hardState, base, entries } = opened;
  const term = hardState.term + 1;
  const entry = { index: base.index + entries.length + 1, term, command: "once more" };
  const vote = { term, votedFor: "n2" };
  storage.write({ writeId: 1, hardState: vote, truncateFrom: undefined, entries: [entry] });
  while (disk.step());
  files.cutPower(LOST);
  const again = restart(files, rules);
  const expected = { hardState: vote, base, entries: [...entries, entry] };
  const found = again?.type === "recovered" && {
    hardState: again.hardState,
    base: again.base,
    entries: again.entries,
  };
  if (JSON.stringify(found) === JSON.stringify(expected)) return undefined;
  return `a write after the restart is lost: ${JSON.stringify(again)}`;
}

const NAMES = [LOG_FILE, SNAPSHOT_FILE, besideOf(LOG_FILE), besideOf(SNAPSHOT_FILE)];

export type FoundFiles = ReadonlyMap<string, Uint8Array>;

/** Files that hold just this, all of it durable. */
export function filesOf(found: FoundFiles): Files {
  const files = new Files();
  for (const [name, bytes] of found) files.hold(name, bytes);
  return files;
}

export const LOST: Fate = {
  keptBytes: () => 0,
  keepsSector: () => true,
  keepsName: () => false,
  flippedBits: () => [],
};

/** In how many ways a power cut may leave what was not synced. */
export const FATES: readonly Fate[] = fates();

/** The same for the few operations of a start: names there or not, content there, half there or not. */
export const FATES_OF_START: readonly Fate[] = [true, false].flatMap((isNamed) =>
  [0, 0.5, 1].map((share): Fate => ({
    ...LOST,
    keepsName: () => isNamed,
    keptBytes: (_, unsynced) => Math.floor(unsynced * share),
  })),
);

/** All is there, with a bit of what was being written flipped, here or there. */
export const GARBLED: readonly Fate[] = Array.from({ length: 24 }, (_, i) => ({
  ...LOST,
  keptBytes: (_: string, unsynced: number) => unsynced,
  keepsName: () => i % 2 === 0,
  flippedBits: (_: string, { synced, all }: { synced: number; all: number }) =>
    all > synced ? [synced * 8 + Math.floor(((all - synced) * 8 * i) / 24)] : [],
}));

function fates(): Fate[] {
  const names: Fate["keepsName"][] = [
    () => false,
    () => true,
    (file) => file.startsWith(LOG_FILE),
    (file) => file.startsWith(SNAPSHOT_FILE),
    // A file is there under the name that it was written by.
    (file) => NAMES.indexOf(file) >= 2,
  ];
  const lengths: Fate["keptBytes"][] = [
    () => 0,
    (_, unsynced) => unsynced,
    (_, unsynced) => unsynced - 1,
    (_, unsynced) => Math.floor(unsynced / 2),
    (_, unsynced) => Math.floor(unsynced * 0.9),
    ...[1, 15, 16, 17, 40].map(
      (bytes) => (_: string, unsynced: number) => Math.min(bytes, unsynced),
    ),
  ];
  const sectors: Fate["keepsSector"][] = [
    (_, sector) => sector % 2 === 0,
    (_, sector) => sector % 2 === 1,
    (_, sector) => sector % 3 > 0,
    (_, sector) => sector % 5 === 3,
  ];
  const all: Fate["keptBytes"] = (_, unsynced) => unsynced;
  return names.flatMap((keepsName) => [
    ...lengths.map((keptBytes): Fate => ({ ...LOST, keepsName, keptBytes })),
    ...sectors.map((keepsSector): Fate => ({ ...LOST, keepsName, keptBytes: all, keepsSector })),
  ]);
}

/** Tells apart folders that hold something else. */
export function keyOf(found: FoundFiles): string {
  return [...found].map(([name, bytes]) => `${name}:${bytes.length}:${crc32(bytes)}`).join(" ");
}
