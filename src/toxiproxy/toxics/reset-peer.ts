import { Alarm } from "../clock.ts";
import { Stage } from "../stage.ts";
import type { StageContext, ToxicType } from "../toxic-type.ts";

type Name = "timeout";

/**
 * The first chunk or close of the stream is dropped, and `timeout` ms later the connection ends: in RST if it
 * was opened under this toxic, in FIN otherwise, as with the original.
 */
export const resetPeer: ToxicType<Name> = {
  attributeNames: ["timeout"],
  resets: true,
  createStage: (context) => new ResetPeerStage(context),
};

class ResetPeerStage extends Stage {
  readonly #context: StageContext<Name>;
  readonly #alarm: Alarm;
  #startedAtMs: number | undefined;

  constructor(context: StageContext<Name>) {
    super();
    this.#context = context;
    this.#alarm = new Alarm(context.clock, () => this.next.end());
  }

  protected override take(): void {
    this.#start();
  }

  protected override finish(): void {
    this.#start();
  }

  #start(): void {
    if (this.#startedAtMs !== undefined) return;
    this.#startedAtMs = this.#context.clock.nowMs();
    this.update();
  }

  override update(): void {
    if (this.#startedAtMs === undefined) return;
    this.#alarm.set(this.#startedAtMs + this.#context.toxic.attributes.timeout);
  }

  /** A stream with a hole can't go on. */
  override release(): void {
    this.#alarm.clear();
    if (this.#startedAtMs !== undefined) this.next.end();
  }

  override dispose(): void {
    this.#alarm.clear();
  }
}
