import type { Context } from "hono";
import type { Inventory } from "../inventory/inventory.ts";
import type { Language } from "../report/language.ts";
import { hiddenFrom } from "../report/partner-view.ts";
import type { Reader } from "../report/reader.ts";
import type { Words } from "../report/words.ts";
import type { PartnerRecord } from "../state/partner-store.ts";
import type { StateStore } from "../state/state-store.ts";
import type { CallbackCheck } from "../notify/callback.ts";
import type { HttpEnv } from "./env.ts";
import { notFound } from "./problem.ts";

/** What the surface of providers is made of. */
export interface PartnerDeps {
  reader: Reader;
  inventory: () => Inventory;
  state: StateStore;
  nowMs: () => number;
  words: (language: Language) => Words;
  partners: {
    /** Brings the providers' records up to the outage table. */
    follow: () => Promise<void>;
    /** Whether a callback may lead to this address; resolves with why not. */
    checkCallback: CallbackCheck;
    /** What addresses of ours begin with, such as https://sambung.example.go.id; empty where nobody knows. */
    origin: string;
    /** There may be something to deliver: look now. */
    poke: () => void;
  };
}

/** Whose key this is; the guard let only keys with a provider pass. */
export function providerOf(c: Context<HttpEnv>): string {
  return c.get("key").provider!;
}

export const noSuchOutage = "there is no such outage";

/** Reads one of the provider's own outages. What is another's, and what is nobody's, is not there in the same words. */
export async function ownOutage(
  { state, inventory, partners }: PartnerDeps,
  provider: string,
  name: string | number,
): Promise<PartnerRecord> {
  await partners.follow();
  const record = await state.partnerOutage(provider, name);
  if (record === null || hiddenFrom(inventory(), provider).includes(record.link))
    throw notFound(noSuchOutage);
  return record;
}
