import type { DispatchPlan } from "../../src/notify/dispatch.ts";
import type { EscalationStep } from "../../src/notify/escalate.ts";
import type { AlertPayload } from "../../src/notify/payload.ts";
import type { Route } from "../../src/notify/routes.ts";
import type { Severity } from "../../src/notify/severity.ts";
import { anAlert } from "./factories.ts";

export interface StormPeers {
  hook: string;
  mailPort: number;
  telegram: string;
  whatsapp: string;
  ntfy: string;
  alertmanager: string | null;
}

export interface StormOptions {
  incidents: number;
  /** So many of them, the last ones, are not over at the end. */
  lasting: number;
  /** From one event to the next, ms; what is late by then is found at once. */
  everyMs: number;
  /** Of a delivery, ms. */
  timeoutMs: number;
  /** So many of them, the last ones, are critical; the others are of medium severity. */
  critical: number;
  budget: number;
  /** Which channel takes over from which. */
  fallbacks: [string, string[]][];
  /** null: none. */
  quiet: DispatchPlan["quiet"];
  steps: EscalationStep[];
  /** null: everything to every channel. */
  routes: Route[] | null;
  digestMin: number;
  /** null: every channel that there is. */
  channels: string[] | null;
  secret: string;
  peers: StormPeers;
  epochMs: number;
  startMs: number;
  speed: number;
}

export interface StormEvent {
  payload: AlertPayload;
  what: string;
  isOver: boolean;
}

const story = ["problem", "update1", "update2", "update3", "recovery"];

/** What leaves all at their ease: everybody hears of everything at once. */
export const atEase = {
  critical: 0,
  fallbacks: [],
  quiet: null,
  steps: [],
  routes: null,
} satisfies Partial<StormOptions>;

/** Five events of each incident, those of all incidents mixed as in a storm. */
export function stormEvents({ incidents, lasting, critical, epochMs }: StormOptions): StormEvent[] {
  return story.flatMap((what) =>
    Array.from({ length: incidents }, (_, n) => n)
      .filter((n) => what !== "recovery" || n < incidents - lasting)
      .map((n) => toEvent(n, what, n >= incidents - critical ? "critical" : "medium", epochMs)),
  );
}

/** Names are words that no other text holds, so that they can be found in any message. */
export const nameOf = (n: number) => `Desa-${String(n).padStart(4, "0")}x`;

function toEvent(n: number, what: string, severity: Severity, epochMs: number): StormEvent {
  const isOver = what === "recovery";
  const type = isOver ? "site.up" : what === "problem" ? "site.down" : "site.update";
  const payload = anAlert({
    type,
    alert: `alert-${n}`,
    incident: `in_${n}`,
    name: nameOf(n),
    severity,
    startMs: epochMs - 60_000,
    endMs: isOver ? epochMs : null,
    // Which of its messages this is, to be read in the webhook's body.
    people: { known: story.indexOf(what) + 1, unknownSites: 0 },
  });
  return { payload, what, isOver };
}
