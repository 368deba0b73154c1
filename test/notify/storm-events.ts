import type { AlertPayload } from "../../src/notify/payload.ts";
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
  budget: number;
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

/** Five events of each incident, those of all incidents mixed as in a storm. */
export function stormEvents({ incidents, lasting, epochMs }: StormOptions): StormEvent[] {
  return story.flatMap((what) =>
    Array.from({ length: incidents }, (_, n) => n)
      .filter((n) => what !== "recovery" || n < incidents - lasting)
      .map((n) => toEvent(n, what, epochMs)),
  );
}

/** Names are words that no other text holds, so that they can be found in any message. */
export const nameOf = (n: number) => `Desa-${String(n).padStart(4, "0")}x`;

function toEvent(n: number, what: string, epochMs: number): StormEvent {
  const isOver = what === "recovery";
  const type = isOver ? "site.up" : what === "problem" ? "site.down" : "site.update";
  const payload = anAlert({
    type,
    alert: `alert-${n}`,
    incident: `in_${n}`,
    name: nameOf(n),
    startMs: epochMs - 60_000,
    endMs: isOver ? epochMs : null,
    // Which of its messages this is, to be read in the webhook's body.
    people: { known: story.indexOf(what) + 1, unknownSites: 0 },
  });
  return { payload, what, isOver };
}
