import { Alarm } from "../clock.ts";
import { Stage } from "../stage.ts";
import type { StageContext, ToxicType } from "../toxic-type.ts";

type Name = "delay";

/** Data pass at once, the close `delay` ms later. */
export const slowClose: ToxicType<Name> = {
  attributeNames: ["delay"],
  createStage: (context) => new SlowCloseStage(context),
};

class SlowCloseStage extends Stage {
  readonly #context: StageContext<Name>;
  readonly #alarm: Alarm;
  #endedAtMs: number | undefined;

  constructor(context: StageContext<Name>) {
    super();
    this.#context = context;
    this.#alarm = new Alarm(context.clock, () => this.next.end());
  }

  protected override finish(): void {
    this.#endedAtMs = this.#context.clock.nowMs();
    this.update();
  }

  override update(): void {
    if (this.#endedAtMs === undefined) return;
    this.#alarm.set(this.#endedAtMs + this.#context.toxic.attributes.delay);
  }

  override release(): void {
    this.#alarm.clear();
    if (this.#endedAtMs !== undefined) this.next.end();
  }

  override dispose(): void {
    this.#alarm.clear();
  }
}
