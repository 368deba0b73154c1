import type { EventEvidence } from "./evidence.ts";
import type { Judgement } from "./judgement.ts";
import { deviceStartMs } from "./power.ts";
import type { Named } from "./site-path.ts";
import { joinSteps } from "./steps.ts";
import type { Step } from "./steps.ts";

/*
 * A router that began anew by itself. Row of methods.md §B3: the agent went on measuring and its gateway did not answer;
 * a device of the site, heard before by the same start of the agent, tells afterwards that it started meanwhile. What was
 * broken is the site's own access, and not its supply: the agent's machine ran on. Where the UPS told of a cut the machine
 * may have run on its battery, and nothing is held of the link.
 */

/** How long after the outage the device may tell of its start, ms: it is polled once in some minutes. */
const answersWithinMs = 10 * 60_000;
/** What the placing of an outage's edge and the reading of an uptime may be wrong by together, ms. */
const slackMs = 30_000;
/** How long before the outage the UPS may tell that its mains are gone, ms. */
const trapBeforeMs = 5 * 60_000;

/** `gateway`: what the site's agent measures of it · `events`: the site's own. */
export function markRouterReboots(
  steps: readonly Step<Judgement>[],
  { code, gateway, events }: { code: string; gateway: readonly Named[]; events: readonly EventEvidence[] },
  alike: (a: Judgement, b: Judgement) => boolean,
): Step<Judgement>[] {
  const reboots = events.filter(({ type }) => type === "device.rebooted");
  if (reboots.length === 0) return [...steps];
  const marked = steps.map((step): Step<Judgement> => {
    const { startMs, endMs, value } = step;
    const isOwn = value.state === "down" && value.cause === "unknown" && value.root === code;
    if (!isOwn || !isSilent(gateway, startMs, endMs)) return step;
    const isTold = reboots.some(
      (event) =>
        event.timeMs >= startMs &&
        event.timeMs < endMs + answersWithinMs &&
        isWithin(deviceStartMs(event), startMs - slackMs, endMs + slackMs),
    );
    const isOnBattery = events.some(
      ({ type, timeMs }) =>
        type === "power.onBattery" && timeMs >= startMs - trapBeforeMs && timeMs < endMs + slackMs,
    );
    if (!isTold || isOnBattery) return step;
    return { ...step, value: { ...value, cause: "link", confidence: "medium" } };
  });
  return joinSteps(marked, alike);
}

/** Whether the agent itself found the gateway silent at some time of it. */
function isSilent(gateway: readonly Named[], startMs: number, endMs: number): boolean {
  return gateway.some(({ steps }) =>
    steps.some(
      (step) => !step.value.good && !step.value.carried && step.startMs < endMs && step.endMs > startMs,
    ),
  );
}

const isWithin = (ms: number | null, fromMs: number, toMs: number) =>
  ms !== null && ms >= fromMs && ms < toMs;
