import { Alarm } from "../clock.ts";
import { Stage } from "../stage.ts";
import type { StageContext, ToxicType } from "../toxic-type.ts";

type Name = "timeout";

/**
 * Drops all data. 0 leaves the connection open for good; otherwise it is closed after `timeout` ms without
 * data. Removal closes it as well, since the stream has a hole.
 */
export const timeout: ToxicType<Name> = {
  attributeNames: ["timeout"],
  createStage: (context) => new TimeoutStage(context),
};

class TimeoutStage extends Stage {
  readonly #context: StageContext<Name>;
  readonly #alarm: Alarm;

  constructor(context: StageContext<Name>) {
    super();
    this.#context = context;
    this.#alarm = new Alarm(context.clock, () => this.end());
    this.update();
  }

  protected override take(): void {
    this.update();
  }

  protected override finish(): void {
    this.#alarm.clear();
    this.next.end();
  }

  override update(): void {
    const { toxic, clock } = this.#context;
    const timeoutMs = toxic.attributes.timeout;
    this.#alarm.set(timeoutMs === 0 ? Infinity : clock.nowMs() + timeoutMs);
  }

  override remove(): void {
    this.end();
  }

  override release(): void {
    this.#alarm.clear();
  }

  override dispose(): void {
    this.#alarm.clear();
  }
}
