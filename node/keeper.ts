import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

/**
 * The machine under a node whose container must not end when the node is killed: the container keeps its
 * address and its name, and a compose project does not stop because one of its containers did. A SIGUSR2
 * kills the node as a power cut would, a SIGQUIT asks it to end, a SIGHUP starts it again; a node that ends
 * by itself ends this too.
 */
const NODE_ENTRY = fileURLToPath(new URL("main.js", import.meta.url));

let node: ChildProcess | undefined;
let isToEnd = false;
let isToStartAgain = false;
let isStopping = false;

function start(): void {
  if (node !== undefined) {
    isToStartAgain = isToEnd;
    return;
  }
  isToEnd = false;
  isToStartAgain = false;
  node = spawn(process.execPath, [NODE_ENTRY, ...process.argv.slice(2)], { stdio: "inherit" });
  node.once("exit", (code, signal) => {
    node = undefined;
    if (isStopping) process.exit(0);
    if (!isToEnd) process.exit(code ?? (signal === "SIGABRT" ? 134 : 137));
    if (isToStartAgain) start();
  });
}

function end(signal: "SIGKILL" | "SIGTERM"): void {
  isToEnd = true;
  isToStartAgain = false;
  node?.kill(signal);
}

function stop(): void {
  isStopping = true;
  if (node === undefined) process.exit(0);
  node.kill("SIGTERM");
}

process.on("SIGUSR2", () => end("SIGKILL"));
process.on("SIGQUIT", () => end("SIGTERM"));
process.on("SIGHUP", start);
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
start();
// Without a node there is nothing else to wait for.
setInterval(() => undefined, 2 ** 30);
