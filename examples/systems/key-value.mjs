// It starts Raftwreck's own node, so that it runs as it is. Put your program into `start`, and its API into `http`.
import path from "node:path";
import { createRequire } from "node:module";
import { defineSystem } from "raftwreck";

const raftwreck = path.dirname(createRequire(import.meta.url).resolve("raftwreck/package.json"));
const program = path.join(raftwreck, "dist/node/main.js");

export default defineSystem({
  name: "key-value",
  workloads: ["register", "lock", "unique-ids"],

  // How a node starts. Every other node is to be called at the address given here: it leads through a proxy.
  start: ({ id, host, port, peers, directory }) => {
    const own = ["--id", id, "--listen", `${host}:${port}`, "--data", directory];
    const others = peers.flatMap((peer) => ["--peer", `${peer.id}=${peer.host}:${peer.port}`]);
    return { command: ["node", program, ...own, ...others] };
  },

  // When it is ready: this path answers 200.
  ready: "/healthz",

  // What a node says of itself: for faults that aim at the leader, and to check elections.
  state: async (node) => {
    const { json } = await node.request("GET", "/status");
    return { role: json.role, term: json.term };
  },

  http: {
    // Four operations on a key; of a compare-and-set the argument is [expected, new], null standing for "absent".
    request: ({ f, value: [key, argument] }) => {
      const at = `/kv/${key}`;
      if (f === "read") return { method: "GET", path: at };
      if (f === "delete") return { method: "DELETE", path: at };
      if (f === "write") return { method: "PUT", path: at, body: { value: argument } };
      return { method: "PUT", path: at, body: { expected: argument[0], value: argument[1] } };
    },
    // `fail` only where it is certain that nothing happened; what nobody knows is `info`.
    reply: ({ status, json }, { f, value: [key] }) => {
      if (status === 200)
        return f === "read" ? { type: "ok", value: [key, json.value] } : { type: "ok" };
      if (json.code === "key-not-found") return { type: "ok", value: [key, null] };
      if (json.code === "cas-mismatch")
        return { type: "fail", error: json.code, current: json.current };
      if (json.definite) return { type: "redirect", to: json.leader, error: json.code };
      return { type: f === "read" ? "fail" : "info", error: json.code };
    },
  },
});
