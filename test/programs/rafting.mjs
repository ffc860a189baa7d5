// A node of the public contract `rafting`: leader election only, JSON over HTTP, at HOST and PORT, with PEERS as
// "host:port,host:port". Timers are the contract's unless SPEED divides them. With BUG it is wrong in a known way:
//   keeps-leading   a leader that hears of a higher term in a vote request takes the term over and stays leader
//   votes-again     a voter forgets whom it voted for when it is asked a second time
//   counts-twice    a candidate asks again and again, and counts whatever is granted
//   keeps-its-vote  a voter votes for nobody else in later terms
//   garbage         its state is not what the contract says
import http from "node:http";
import process from "node:process";

const { HOST = "127.0.0.1", PORT = "8000", PEERS = "", BUG = "", SPEED = "1" } = process.env;
const speed = Number(SPEED);
const FOLLOWER_MS = 5000 / speed;
const HEARTBEAT_MS = 3000 / speed;
const REQUEST_MS = 500;

const nodeId = `${HOST}:${PORT}`;
const peers = PEERS.split(",").filter((peer) => peer !== "");
let role = "follower";
let currentTerm = 0;
let votedFor = null;
let votesGranted = [];
let lastHeartbeat = Date.now();
let timer;

function waitForLeader() {
  clearTimeout(timer);
  timer = setTimeout(stand, FOLLOWER_MS * (1 + Math.random() / 5));
}

function follow(term) {
  if (term > currentTerm) {
    currentTerm = term;
    if (BUG !== "keeps-its-vote") votedFor = null;
  }
  role = "follower";
  votesGranted = [];
  waitForLeader();
}

function stand() {
  role = "candidate";
  const term = ++currentTerm;
  votedFor = nodeId;
  votesGranted = [nodeId];
  waitForLeader();
  askForVotes(term);
  if (BUG === "counts-twice")
    for (const ms of [600, 1200]) setTimeout(askForVotes, ms / speed, term);
}

async function askForVotes(term) {
  if (role !== "candidate" || currentTerm !== term) return;
  await Promise.all(
    peers.map(async (peer) => {
      const reply = await call(peer, "/raft/request-vote", { term, candidateId: nodeId });
      if (reply === undefined || role !== "candidate" || currentTerm !== term) return;
      if (reply.term > currentTerm) return follow(reply.term);
      if (!reply.voteGranted) return;
      votesGranted.push(peer);
      if (votesGranted.length > (peers.length + 1) / 2) lead();
    }),
  );
}

function lead() {
  role = "leader";
  clearTimeout(timer);
  const beat = async () => {
    if (role !== "leader") return;
    timer = setTimeout(beat, HEARTBEAT_MS);
    for (const peer of peers) {
      call(peer, "/raft/append-entries", { term: currentTerm }).then((reply) => {
        if (reply !== undefined && reply.term > currentTerm) follow(reply.term);
      });
    }
  };
  beat();
}

function onVote({ term, candidateId }) {
  if (term > currentTerm) {
    if (BUG === "keeps-leading" && role === "leader") {
      currentTerm = term;
      votedFor = candidateId;
      return { term, voteGranted: true };
    }
    follow(term);
  }
  lastHeartbeat = Date.now();
  const isFree = votedFor === null || votedFor === candidateId || BUG === "votes-again";
  const voteGranted = term === currentTerm && role === "follower" && isFree;
  if (voteGranted) {
    votedFor = candidateId;
    waitForLeader();
  }
  return { term: currentTerm, voteGranted };
}

function onHeartbeat({ term }) {
  lastHeartbeat = Date.now();
  if (term < currentTerm) return { term: currentTerm, success: false };
  follow(term);
  return { term, success: true };
}

function state() {
  if (BUG === "garbage") return { role: "boss", currentTerm };
  return { role, currentTerm, lastHeartbeat, peers, nodeId, votedFor, votesGranted };
}

async function call(peer, path, body) {
  try {
    const response = await fetch(`http://${peer}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    return await response.json();
  } catch {
    return undefined;
  }
}

const routes = {
  "POST /raft/request-vote": onVote,
  "POST /raft/append-entries": onHeartbeat,
  "GET /raft/state": state,
};

http
  .createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const handle = routes[`${request.method} ${request.url}`];
    response.writeHead(handle === undefined ? 404 : 200, {
      "content-type": "application/json",
      "access-control-allow-origin": "*",
    });
    response.end(handle === undefined ? "" : JSON.stringify(handle(text && JSON.parse(text))));
  })
  .listen(Number(PORT), HOST, waitForLeader);
