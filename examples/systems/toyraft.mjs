// A Raft election in Python under test: npm run chaos -- --system examples/systems/toyraft.mjs --fail-fast
import path from "node:path";

const program = path.join(import.meta.dirname, "toyraft.py");

export default {
  name: "toyraft",
  workloads: ["election"],
  // How a node starts. `peers` are the other nodes, each at an address that leads through a proxy.
  start: ({ id, port, peers }) => ({
    command: ["python3", program, id, String(port), peers.map((p) => `${p.host}:${p.port}`).join()],
  }),
  // When it is ready: this path answers 200.
  ready: "/state",
  // What a node says of itself, every 50 ms: at most one leader in a term, one vote in a term, terms never go back.
  state: async (node) => {
    const { json } = await node.request("GET", "/state");
    return { role: json.role, term: json.term, votedFor: json.votedFor };
  },
  // It keeps nothing on disk, so that it forgets its vote when it is killed is no news.
  faults: ["partition", "latency", "pause"],
};
