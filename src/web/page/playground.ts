import type { PlaygroundData } from "../../report/playground/data.ts";
import { ChangedPlan } from "../../run/changed-plan.ts";
import { byId, setAttributes, setText } from "./dom.ts";
import { Foresight } from "./foresight.ts";
import { figures, onOrder, seconds, showRefusal } from "./live-view.ts";
import { listFaults } from "./planned-faults.ts";
import { Player } from "./player.ts";
import { buildControls, openingMs } from "./time-controls.ts";

const data = JSON.parse(byId("playground-data").textContent ?? "") as PlaygroundData;
const recorded = { digest: data.digest, wasBroken: data.violations.length > 0 };
const changed = new ChangedPlan(data.plan);
const foresight = new Foresight();
const player = new Player(changed, (shown) => {
  const { state, nowMs, isOver } = shown;
  controls.show(shown);
  if (state === undefined) return;
  const phase = isOver ? "the run is over" : state.view.phase || "the cluster comes up";
  setText(byId("phase"), `${(nowMs / 1000).toFixed(3)} s · ${phase}`);
  setText(byId("facts"), state.facts.join(" · "));
  setText(byId("figures"), figures(state.view));
});
const controls = buildControls(data, player);

/** What comes of it as it is now, whatever is on the screen. */
function foresee(): void {
  foresight.ask({
    plan: changed.plan,
    recorded: { ...recorded, isChanged: changed.isChanged },
    say: ({ look, text }, playedMs) => {
      setAttributes(byId("judgement"), { class: `judgement judgement-${look}` });
      setText(byId("judged"), text);
      // Not read aloud: it changes all the time.
      setText(byId("foreseen"), `played to ${seconds(playedMs)} so far …`);
    },
    over: (endMs) => {
      setText(byId("foreseen"), "");
      controls.end(endMs);
    },
  });
}

/** The faults are others now. */
function again(): void {
  player.again();
  listFaults(changed, again);
  foresee();
}

onOrder((order) => {
  const refusal = player.obey(order);
  showRefusal(refusal ?? "");
  if (refusal !== undefined) return;
  listFaults(changed, again);
  foresee();
});
listFaults(changed, again);
player.goTo({ ms: openingMs(data) });
foresee();
