"""A naive Raft election: JSON over HTTP, for learning. There is something wrong with it."""
import json, random, sys, threading, time, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ID, PORT, PEERS = sys.argv[1], int(sys.argv[2]), sys.argv[3].split(",")
lock = threading.Lock()
role, term, voted_for, deadline = "follower", 0, None, 0.0


def postpone():
    global deadline
    deadline = time.monotonic() + random.uniform(0.3, 0.6)


def ask(peer, path, **message):
    try:
        request = urllib.request.Request(f"http://{peer}/{path}", json.dumps(message).encode())
        with urllib.request.urlopen(request, timeout=0.4) as answer:
            return json.load(answer)
    except OSError:
        return None


def ask_all(path, **message):
    """Answers of all peers that gave one in time."""
    answers = []
    threads = [threading.Thread(target=lambda p=p: answers.append(ask(p, path, **message))) for p in PEERS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answer for answer in answers if answer is not None]


def run():
    global role, term, voted_for
    postpone()
    while True:
        time.sleep(0.02)
        if role == "leader":
            ask_all("heartbeat", term=term)
            time.sleep(0.05)
        elif time.monotonic() > deadline:
            with lock:
                role, term, voted_for = "candidate", term + 1, ID
                stood_for = term
            postpone()
            votes = 1 + sum(answer["granted"] for answer in ask_all("vote", term=stood_for, candidate=ID))
            if votes > (len(PEERS) + 1) / 2:
                role = "leader"  # of whatever term it is by now


def handle(path, message):
    global role, term, voted_for
    with lock:
        if path == "/state":
            return {"role": role, "term": term, "votedFor": voted_for}
        if message["term"] > term:
            role, term, voted_for = "follower", message["term"], None
        if path == "/heartbeat":
            if message["term"] == term:
                role = "follower"
                postpone()
            return {}
        granted = message["term"] == term and voted_for in (None, message["candidate"])
        if granted:
            voted_for = message["candidate"]
            postpone()
        return {"granted": granted}


class Handler(BaseHTTPRequestHandler):
    def answer(self):
        length = int(self.headers.get("content-length", 0))
        body = json.dumps(handle(self.path, json.loads(self.rfile.read(length) or "null"))).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


threading.Thread(target=run, daemon=True).start()
ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
