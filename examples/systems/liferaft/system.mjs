// liferaft 1.0.0 from npm under test:
//   npm install --ignore-scripts --prefix examples/systems/liferaft
//   npm run chaos -- --system examples/systems/liferaft/system.mjs --fail-fast
import path from "node:path";

const program = path.join(import.meta.dirname, "server.mjs");

export default {
  name: "liferaft",
  workloads: ["register", "election"],
  // With more its count of acknowledgements loses some, and hardly anything is ever committed.
  nodeCount: 3,
  rate: 50,
  start: ({ id, port, peers }) => ({
    command: [
      "node",
      program,
      id,
      String(port),
      peers.map((peer) => `${peer.id}=${peer.host}:${peer.port}`).join(),
    ],
  }),
  ready: "/status",
  state: async (node) => {
    const { json } = await node.request("GET", "/status");
    return { role: json.role, term: json.term, votedFor: json.votedFor };
  },
  http: {
    request: ({ f, value: [key, argument] }) => {
      const [expected, value] = f === "cas" ? argument : [undefined, argument];
      return { method: "POST", path: "/command", body: { f, key, value, expected } };
    },
    reply: ({ status, json }, { f, value: [key] }) => {
      if (status === 421) return { type: "redirect", to: json.leader, error: "not-leader" };
      if (status !== 200) return { type: f === "read" ? "fail" : "info", error: "not-committed" };
      if (f === "read") return { type: "ok", value: [key, json.current] };
      if (json.isDone) return { type: "ok" };
      return { type: "fail", error: "cas-mismatch", current: json.current };
    },
  },
  // Whoever was cut off comes back with a higher term and an old log. Nobody is killed: the log is kept in memory here, and
  // votes nowhere, so that something is lost then is no news.
  schedule: {
    faults: [2, 7, 12, 17, 22, 27, 32, 37, 42, 47, 52].map((at) => ({
      at,
      for: 3,
      fault: { type: "partition", shape: "isolate-one", mode: "drop", of: "follower" },
    })),
  },
};
