import type { AgentTarget } from "#wire/targets-v1.ts";
import { createProfileLibrary } from "../snmp/profiles/load.ts";
import { UsageError } from "../usage-error.ts";

/** Throws UsageError when the target names an SNMP profile that does not exist: a silent device would hide that. */
export async function checkProfile(target: AgentTarget): Promise<void> {
  if (target.kind !== "snmp" || target.profile === null || target.profile === "auto") return;
  const names = await createProfileLibrary().names();
  if (names.includes(target.profile)) return;
  throw new UsageError(`--profile: ${target.profile} is not allowed; expected auto or ${names.join(", ")}`);
}
