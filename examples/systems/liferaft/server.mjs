// A key-value store on liferaft as it is: node server.mjs n1 8001 n2=127.0.0.1:8002,n3=127.0.0.1:8003
// Packets go from node to node as HTTP requests; every operation, reads too, goes through the log.
import { randomUUID } from "node:crypto";
import http from "node:http";
import process from "node:process";
import LifeRaft from "liferaft";
import Log from "liferaft/log.js";
import memdown from "memdown";

const PACKET_TIMEOUT_MS = 500;
const NO_REPLY_MS = 250;
const COMMIT_TIMEOUT_MS = 1000;

const [id, port, peers] = process.argv.slice(2);
// Long beside what a packet takes, even on a busy machine.
const timers = { heartbeat: "150 ms", "election min": "600 ms", "election max": "1200 ms" };
const raft = new LifeRaft(id, { Log, adapter: memdown, path: id, ...timers });
for (const peer of peers.split(",")) {
  const [name, address] = peer.split("=");
  raft.join(name, (packet, done) => send(address, packet, done));
}
// It emits what it refuses and what it could not send; some of its promises fail with nobody there to see it.
raft.on("error", () => undefined);
process.on("unhandledRejection", () => undefined);

/** What is done to the store when it is committed: each command once, though liferaft may tell of it more often. */
const store = new Map();
const results = new Map();
const waiting = new Map();

raft.on("commit", ({ number, f, key, value, expected }) => {
  if (!results.has(number)) {
    const current = store.get(key) ?? null;
    const isDone = f !== "cas" || current === expected;
    if (f === "delete") store.delete(key);
    else if (f !== "read" && isDone) store.set(key, value);
    results.set(number, { isDone, current });
  }
  waiting.get(number)?.(results.get(number));
});

/** One after the other: two commands at the same time get the same index. */
let queue = Promise.resolve();

async function perform(command) {
  if (raft.state !== LifeRaft.LEADER) return { status: 421, body: { leader: raft.leader } };
  const number = randomUUID();
  const committed = new Promise((resolve) => {
    waiting.set(number, (body) => resolve({ status: 200, body }));
    setTimeout(() => resolve({ status: 504, body: {} }), COMMIT_TIMEOUT_MS);
  });
  queue = queue.then(() => raft.command({ number, ...command })).catch(() => undefined);
  const answer = await committed;
  waiting.delete(number);
  return answer;
}

async function send(address, packet, done) {
  try {
    const response = await fetch(`http://${address}/packet`, {
      method: "POST",
      body: JSON.stringify(packet),
      signal: AbortSignal.timeout(PACKET_TIMEOUT_MS),
    });
    const text = await response.text();
    done(undefined, text === "" ? undefined : JSON.parse(text));
  } catch (error) {
    done(error);
  }
}

/** Not every packet is answered. */
function receive(packet) {
  return new Promise((resolve) => {
    setTimeout(() => resolve({ status: 204 }), NO_REPLY_MS);
    raft.emit("data", packet, async (reply) => resolve({ status: 200, body: await reply }));
  });
}

const ROLES = { [LifeRaft.LEADER]: "leader", [LifeRaft.CANDIDATE]: "candidate" };

function answer(url, body) {
  if (url === "/packet") return receive(body);
  if (url === "/command") return perform(body);
  const { term, votes, state } = raft;
  return { status: 200, body: { role: ROLES[state] ?? "follower", term, votedFor: votes.for } };
}

http
  .createServer(async (request, response) => {
    const chunks = await request.toArray();
    const text = Buffer.concat(chunks).toString();
    const { status, body } = await answer(request.url, text === "" ? undefined : JSON.parse(text));
    response.writeHead(status).end(body === undefined ? "" : JSON.stringify(body));
  })
  .listen(Number(port), "127.0.0.1");
