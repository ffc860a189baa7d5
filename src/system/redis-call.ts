import net from "node:net";
import type { Address } from "../base/address.ts";
import { messageOf } from "../base/errors.ts";
import { encodeCommand, RespReader, type RespValue } from "./resp.ts";

/** `refused`: nothing was sent. `lost`: something was, and no whole answer came. */
export type RedisOutcome =
  | { readonly type: "answer"; readonly values: readonly RespValue[] }
  | { readonly type: "refused"; readonly error: string }
  | { readonly type: "lost"; readonly error: string };

/** One connection to a Redis, made when it is needed and again after every trouble. */
export class RedisLine {
  readonly #address: Address;
  #socket: net.Socket | undefined;

  constructor(address: Address) {
    this.#address = address;
  }

  /** Sends these commands together; their answers, in order, at the deadline at the latest. */
  call(
    commands: readonly (readonly string[])[],
    timeoutMs: number,
    done: (outcome: RedisOutcome) => void,
  ): void {
    const socket = this.#connect();
    const reader = new RespReader();
    const values: RespValue[] = [];
    let wasSent = !socket.connecting;
    const timer = setTimeout(() => fail("timeout"), timeoutMs);
    const listeners = {
      connect: () => (wasSent = true),
      error: (error: NodeJS.ErrnoException) => fail(error.code ?? error.message),
      close: () => fail("closed"),
      data: (chunk: Buffer) => {
        try {
          values.push(...reader.push(chunk));
        } catch (error) {
          return fail(messageOf(error));
        }
        if (values.length >= commands.length) finish({ type: "answer", values });
      },
    };
    const finish = (outcome: RedisOutcome): void => {
      clearTimeout(timer);
      for (const [event, listener] of Object.entries(listeners)) socket.off(event, listener);
      done(outcome);
    };
    const fail = (error: string): void => {
      this.close();
      finish({ type: wasSent ? "lost" : "refused", error });
    };
    for (const [event, listener] of Object.entries(listeners)) socket.on(event, listener);
    socket.write(commands.map(encodeCommand).join(""));
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #connect(): net.Socket {
    if (this.#socket !== undefined && !this.#socket.destroyed) return this.#socket;
    const socket = net.connect(this.#address);
    socket.setNoDelay(true);
    // Between two calls nobody else listens.
    socket.on("error", () => undefined);
    socket.on("end", () => socket.destroy());
    this.#socket = socket;
    return socket;
  }
}

/** The same once, on a connection of its own; rejects where no answer comes. */
export function askRedis(
  address: Address,
  command: readonly string[],
  timeoutMs = 1000,
): Promise<RespValue> {
  const line = new RedisLine(address);
  return new Promise((resolve, reject) => {
    line.call([command], timeoutMs, (outcome) => {
      line.close();
      if (outcome.type === "answer") resolve(outcome.values[0] ?? null);
      else reject(new Error(`${command.join(" ")}: ${outcome.error}`));
    });
  });
}
