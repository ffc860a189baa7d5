import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { EnvironmentError, messageOf } from "../base/errors.ts";

/**
 * The processes that a run owns, noted on disk, so that the next start can end what a killed harness left
 * behind. A process is known by its pid and the moment it began: a pid alone is given out again.
 */
const REGISTRY = path.join(os.tmpdir(), `raftwreck-${userId()}`);

/** In a container nobody may have a name for the user, and then there is no `userInfo`. */
function userId(): number {
  return process.getuid?.() ?? os.userInfo().uid;
}

export interface ProcessIdentity {
  readonly pid: number;
  readonly startedAt: string;
}

interface Registered {
  readonly harness: ProcessIdentity;
  readonly processes: readonly ProcessIdentity[];
}

/** Notes what one run starts and ends. */
export class ProcessRegister {
  readonly #file: string;
  readonly #harness = identify(process.pid);
  #processes: ProcessIdentity[] = [];
  #trouble: string | undefined;

  /** Throws an EnvironmentError where nothing can be noted: what is not noted can't be ended later. */
  constructor(runId: string) {
    this.#file = path.join(REGISTRY, `${runId}.json`);
    this.#save();
    if (this.#trouble !== undefined) throw new EnvironmentError(this.#trouble);
  }

  /** One sentence once a process could not be noted. */
  trouble(): string | undefined {
    return this.#trouble;
  }

  add(pid: number): void {
    this.#processes.push(identify(pid));
    this.#save();
  }

  remove(pid: number): void {
    this.#processes = this.#processes.filter((known) => known.pid !== pid);
    this.#save();
  }

  close(): void {
    fs.rmSync(this.#file, { force: true });
  }

  #save(): void {
    const content: Registered = { harness: this.#harness, processes: this.#processes };
    try {
      fs.mkdirSync(REGISTRY, { recursive: true });
      // Renamed into place: whoever reads it finds it whole, whenever we are killed.
      fs.writeFileSync(`${this.#file}.tmp`, JSON.stringify(content));
      fs.renameSync(`${this.#file}.tmp`, this.#file);
    } catch (error) {
      this.#trouble ??= `what was started can't be noted in ${this.#file}: ${messageOf(error)}`;
    }
  }
}

export interface Leftover {
  /** The run that they belonged to. */
  readonly runId: string;
  readonly pids: readonly number[];
}

/** What dead harnesses left running. */
export function findLeftovers(): Leftover[] {
  return registered()
    .filter(({ harness }) => !isAlive(harness))
    .map(({ runId, processes }) => ({
      runId,
      pids: processes.filter(isAlive).map(({ pid }) => pid),
    }));
}

function registered(): (Registered & { readonly runId: string })[] {
  if (!fs.existsSync(REGISTRY)) return [];
  const files = fs.readdirSync(REGISTRY).filter((name) => name.endsWith(".json"));
  return files.map((name) => ({
    runId: path.basename(name, ".json"),
    ...readRegister(path.join(REGISTRY, name)),
  }));
}

/** Its run may end while we look; and of what is damaged nothing is known but that it may go. */
function readRegister(file: string): Registered {
  try {
    const { harness, processes } = JSON.parse(fs.readFileSync(file, "utf8")) as Partial<Registered>;
    if (isIdentity(harness) && processes?.every(isIdentity) === true) return { harness, processes };
  } catch {
    // As if it were damaged.
  }
  return { harness: { pid: 0, startedAt: "" }, processes: [] };
}

function isIdentity(value: Partial<ProcessIdentity> | undefined): value is ProcessIdentity {
  return typeof value?.pid === "number" && typeof value.startedAt === "string";
}

/** Ends them, paused ones too; returns how many processes there were. */
export function cleanLeftovers(): number {
  let count = 0;
  for (const { runId, pids } of findLeftovers()) {
    for (const pid of pids) if (killIfThere(pid)) count++;
    fs.rmSync(path.join(REGISTRY, `${runId}.json`), { force: true });
  }
  return count;
}

function killIfThere(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

export function identify(pid: number): ProcessIdentity {
  return { pid, startedAt: startTimeOf(pid) ?? "" };
}

export function isAlive({ pid, startedAt }: ProcessIdentity): boolean {
  return startedAt !== "" && startTimeOf(pid) === startedAt;
}

/** When a process began, in whatever form the system tells it; undefined if there is none. */
function startTimeOf(pid: number): string | undefined {
  return fs.existsSync("/proc/self/stat") ? startTimeFromProc(pid) : startTimeFromPs(pid);
}

/** proc(5): field 22, in clock ticks since the system started. A zombie is no process any more. */
function startTimeFromProc(pid: number): string | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function startTimeFromPs(pid: number): string | undefined {
  try {
    const args = ["-o", "lstart=", "-p", String(pid)];
    const text = execFileSync("ps", args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return text.trim() || undefined;
  } catch {
    return undefined;
  }
}
