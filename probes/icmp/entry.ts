import type { IcmpTarget } from "#wire/targets-v1.ts";
import type { Unsent } from "#wire/rounds-v1.ts";
import type { Address } from "../resolve.ts";
import type { Crew } from "./crew.ts";
import type { Pace } from "./plan.ts";

/** One target of the engine, from the update that brought it to the one that changes or removes it. */
export interface Entry {
  readonly target: IcmpTarget;
  readonly pace: Pace;
  /** Target and pace as text: an entry stays while it is the same. */
  readonly text: string;
  /** Whether the address of the target is a name, which may come to mean another address. */
  readonly named: boolean;
  /** null: the name was not resolved yet. */
  address: Address | null;
  crew: Crew | null;
  /** Set while the target cannot be measured: why, and when the next round that says so is due. */
  idle: { why: Unsent; nextMs: number } | null;
  /** When the name is looked up again; Infinity for an address, and while it is being looked up. */
  lookUpMs: number;
}
