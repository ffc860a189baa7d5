import fs from "node:fs";
import net from "node:net";
import process from "node:process";

/**
 * Started beside nodes that are other people's programs, in a process of its own. When the harness is gone, however it
 * went, it ends what the harness had started. And where nodes tell each other one address each, it listens there, finds
 * out whose socket it is that calls, and hands the call to the proxy on that link.
 */

/** Listens at the one address of a node's port. */
export interface Door {
  readonly port: number;
  /** Where the proxy of each link to it listens, by the node that calls. */
  readonly links: Readonly<Record<string, number>>;
  /** For whoever is no node. */
  readonly direct: number;
}

export type WardenMessage =
  /** A node's process began: the leader of a process group. */
  | { readonly type: "began"; readonly node: string; readonly pid: number }
  | { readonly type: "ended"; readonly pid: number }
  | { readonly type: "open"; readonly doors: readonly Door[] };

/** What comes of opening. */
export type WardenAnswer =
  { readonly type: "opened" } | { readonly type: "failed"; readonly reason: string };

const HOST = "127.0.0.1";
const groups = new Map<number, string>();

process.on("message", (message: WardenMessage) => {
  if (message.type === "began") groups.set(message.pid, message.node);
  else if (message.type === "ended") groups.delete(message.pid);
  else openAll(message.doors);
});
process.on("disconnect", () => {
  for (const pid of groups.keys()) endGroup(pid);
  process.exit(0);
});
// A terminal's Ctrl-C is the harness's to answer.
process.on("SIGINT", () => undefined);

function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It ended meanwhile.
  }
}

function openAll(doors: readonly Door[]): void {
  let waiting = doors.length;
  for (const door of doors) {
    const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) =>
      handOn(socket, door),
    );
    server.on("error", (error) => process.send?.({ type: "failed", reason: error.message }));
    server.listen(door.port, HOST, () => {
      if (--waiting === 0) process.send?.({ type: "opened" });
    });
  }
}

function handOn(caller: net.Socket, door: Door): void {
  const node = nodeBehind(caller.remotePort ?? 0, door.port);
  const port = node === undefined ? door.direct : (door.links[node] ?? door.direct);
  const onward = net.connect({ host: HOST, port, allowHalfOpen: true });
  for (const socket of [caller, onward]) socket.setNoDelay(true);
  const end = (): void => {
    caller.destroy();
    onward.destroy();
  };
  for (const socket of [caller, onward]) socket.on("error", end).on("close", end);
  caller.pipe(onward);
  onward.pipe(caller);
}

/** The node whose process holds the other end of this connection. */
function nodeBehind(localPort: number, doorPort: number): string | undefined {
  const inode = inodeOf(localPort, doorPort);
  if (inode === undefined) return undefined;
  for (const pid of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const node = groups.get(groupOf(pid));
    if (node !== undefined && holds(pid, `socket:[${inode}]`)) return node;
  }
  return undefined;
}

/** proc(5): of the connection from this port to that one. */
function inodeOf(localPort: number, remotePort: number): string | undefined {
  const [local, remote] = [localPort, remotePort].map((port) =>
    port.toString(16).toUpperCase().padStart(4, "0"),
  );
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    if (!fs.existsSync(table)) continue;
    for (const line of fs.readFileSync(table, "utf8").split("\n")) {
      const fields = line.trim().split(/\s+/);
      const isIt = fields[1]?.endsWith(`:${local}`) && fields[2]?.endsWith(`:${remote}`);
      if (isIt) return fields[9];
    }
  }
  return undefined;
}

function groupOf(pid: string): number {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]);
  } catch {
    return 0;
  }
}

function holds(pid: string, socket: string): boolean {
  try {
    const folder = `/proc/${pid}/fd`;
    return fs.readdirSync(folder).some((fd) => {
      try {
        return fs.readlinkSync(`${folder}/${fd}`) === socket;
      } catch {
        return false;
      }
    });
  } catch {
    return false;
  }
}
