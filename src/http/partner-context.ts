import type { Context } from "hono";
import type { Inventory } from "../inventory/inventory.ts";
import type { Language } from "../report/language.ts";
import { hiddenFrom } from "../report/partner-view.ts";
import type { Reader } from "../report/reader.ts";
import type { SlaBook } from "../report/sla/create-sla-book.ts";
import type { Words } from "../report/words.ts";
import { maxActs, maxComments } from "../state/partner-store.ts";
import type { ActRefusal, PartnerRecord } from "../state/partner-store.ts";
import type { StateStore } from "../state/state-store.ts";
import type { CallbackCheck } from "../notify/callback.ts";
import type { HttpEnv } from "./env.ts";
import { conflict, HttpProblem, notFound } from "./problem.ts";
import { createTurns } from "./turns.ts";

/** What the surface of providers is made of. */
export interface PartnerDeps {
  reader: Reader;
  sla: SlaBook;
  inventory: () => Inventory;
  state: StateStore;
  nowMs: () => number;
  words: (language: Language) => Words;
  partners: {
    /** Whether a callback may lead to this address; resolves with why not. */
    checkCallback: CallbackCheck;
    /** What addresses of ours begin with, such as https://sambung.example.go.id; empty where nobody knows. */
    origin: string;
    /** There may be something to deliver: look now, and at this webhook even if it rests after failures. */
    poke: (hook?: string) => void;
  };
}

/** Whose key this is; the guard let only keys with a provider pass. */
export function providerOf(c: Context<HttpEnv>): string {
  return c.get("key").provider!;
}

/** Addresses of one provider that wait to be looked at. */
const maxTurns = 20;

export const noSuchOutage = "there is no such outage";

/** Reads one of the provider's own outages. What is another's, and what is nobody's, is not there in the same words. */
export async function ownOutage(
  { state, inventory }: PartnerDeps,
  provider: string,
  name: string | number,
): Promise<PartnerRecord> {
  const record = await state.partnerOutage(provider, name);
  if (record === null || hiddenFrom(inventory(), provider)(record.link)) throw notFound(noSuchOutage);
  return record;
}

/** The records after an act; throws why it was not done. */
export function actedOn(outcome: readonly PartnerRecord[] | ActRefusal): readonly PartnerRecord[] {
  if (typeof outcome !== "string") return outcome;
  if (outcome === "unknown") throw notFound(noSuchOutage);
  if (outcome === "changed") {
    const detail = "the outage has changed since it was read with this ETag";
    throw new HttpProblem({ status: 412, code: "changed", title: "Changed meanwhile", detail });
  }
  if (outcome === "ticketed") throw conflict("ticket.exists", "the alarm has a trouble ticket; change that");
  if (outcome === "comments")
    throw conflict("comments.full", `an outage has at most ${maxComments} comments`);
  throw conflict("acts.full", `an outage takes at most ${maxActs} acts: comments, acknowledgements, tickets`);
}

/** Looks at addresses of one provider one after another, so that names that do not resolve hold up nobody else's. */
export function createCallbackTurns(
  check: CallbackCheck,
): (provider: string, url: string) => Promise<string | null> {
  const inTurn = createTurns(maxTurns, () =>
    conflict("callback.turns", `${maxTurns} addresses are being looked at already`),
  );
  return (provider, url) => inTurn(provider, () => check(url));
}
