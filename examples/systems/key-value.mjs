// It starts Raftwreck's own node, so that it runs as it is. Put your program into `start`, and its API into `http`.
import { createRequire } from "node:module";
import { defineSystem } from "raftwreck";

const raftwreck = createRequire(import.meta.url).resolve("raftwreck/package.json");
const program = raftwreck.replace("package.json", "dist/node/main.js");

// Every other node is to be called at the address given here: it leads through a proxy.
const flags = ({ id, host, port, peers, directory }) =>
  ["--id", id, "--listen", `${host}:${port}`, "--data", directory].concat(
    peers.flatMap((peer) => ["--peer", `${peer.id}=${peer.host}:${peer.port}`]),
  );

export default defineSystem({
  name: "key-value",
  workloads: ["register", "lock", "unique-ids"],

  // How a node starts, as a process or (add your image: "key-value:1.0") with --environment docker as a container.
  start: (place) => ({ command: ["node", program, ...flags(place)] }),
  container: { start: (place) => ({ args: flags(place) }) },

  ready: "/healthz", // answers 200 then

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
      const isRead = f === "read";
      const { value, code, current, definite, leader } = json;
      if (status === 200) return isRead ? { type: "ok", value: [key, value] } : { type: "ok" };
      if (code === "key-not-found") return { type: "ok", value: [key, null] };
      if (code === "cas-mismatch") return { type: "fail", error: code, current };
      if (definite) return { type: "redirect", to: leader, error: code };
      return { type: isRead ? "fail" : "info", error: code };
    },
  },
});
