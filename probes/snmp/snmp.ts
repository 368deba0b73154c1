import type { SnmpFailure } from "#wire/rounds-v1.ts";
import type { SnmpTarget } from "#wire/targets-v1.ts";
import { startDeadline } from "../deadline.ts";
import type { ProbeContext, ProbeFn, SnmpSample } from "../probe.ts";
import { resolveFirst } from "../resolve.ts";
import type { Resolve } from "../resolve.ts";
import { findMainsChange, readsOnBattery } from "./mains.ts";
import type { PowerEvent } from "./mains.ts";
import type { ProfilePoll } from "./reader.ts";
import type { UptimeEvent } from "./reboots.ts";
import { findReboot } from "./reboots.ts";
import { createSnmpClient } from "./session.ts";
import type { SnmpClient, SnmpSession } from "./session.ts";
import { systemOids, uptimeOf } from "./system.ts";
import { createTargetBook } from "./target-memory.ts";
import type { TargetMemory } from "./target-memory.ts";
import { toSnmpValue } from "./value.ts";

export interface SnmpProbeOptions {
  /** Reads what the profile of a target names, beside its system and interfaces. Default: nothing more. */
  pollProfile?: ProfilePoll;
  /**
   * Told when a device turns out to have rebooted since the round before, or to have gone to battery or back; and of its uptime
   * and its mains when they are read first.
   */
  onEvent?: (event: UptimeEvent | PowerEvent) => void;
  /** Default: one of its own, on the system's clock. */
  client?: SnmpClient;
}

/**
 * One poll. ok is 1 when the device answered and nothing was missed; objects that it does not have are null and no
 * fault, and one that it answers with an error does not make the others useless. Silence, garbage, a walk in circles and
 * one that breaks off are not ok, and `why` says which; the values read until then are kept.
 */
export function createSnmpProbe(resolve: Resolve, options: SnmpProbeOptions = {}): ProbeFn<SnmpTarget> {
  const { client = createSnmpClient(), pollProfile, onEvent } = options;
  const memories = createTargetBook();
  return async (target, context) => {
    using deadline = startDeadline(context);
    const sample: SnmpSample = { kind: "snmp", ok: 0, values: {}, why: null };
    for (const name of Object.keys(target.oids)) sample.values[name] = null;
    const address = await resolveFirst(resolve, target.address, deadline);
    context.note?.("resolve", { name: target.address, address: address?.address ?? null });
    if (address === null) return { ...sample, why: "name" };
    const memory = memories.of(target, context.clock.monoMs());
    using session = await client.open({
      targetId: target.id,
      auth: target.auth,
      address,
      port: target.port,
      deadline,
      note: context.note,
    });
    sample.why = await poll({ target, context, session, memory, sample, pollProfile, onEvent });
    noteMains(target.id, memory, sample, onEvent);
    const isWhole = sample.why === null || (sample.why === "error" && hasValues(sample));
    sample.ok = session.heard && isWhole ? 1 : 0;
    return sample;
  };
}

interface Round {
  target: SnmpTarget;
  context: ProbeContext;
  session: SnmpSession;
  memory: TargetMemory;
  sample: SnmpSample;
  pollProfile: ProfilePoll | undefined;
  onEvent: SnmpProbeOptions["onEvent"];
}

/** Fills the sample; the answer is what kept it from being whole. */
async function poll(round: Round): Promise<SnmpFailure | null> {
  const { target, context, session, memory, sample } = round;
  const { profile } = target;
  const nowMs = context.clock.monoMs();
  const own = Object.entries(target.oids);
  const systemAsked = profile === null ? [] : memory.system.oids(nowMs);
  const asked = [...own.map(([, oid]) => oid), ...systemAsked];
  // Every agent has this one (RFC 3418), so that its answer tells whether the device is there.
  const { varbinds, why } = await session.get(asked.length === 0 ? [systemOids.sysUpTime] : asked);

  const answered = new Map(varbinds.map((varbind) => [varbind.oid, varbind]));
  for (const [name, oid] of own) {
    const varbind = answered.get(oid);
    if (varbind !== undefined) sample.values[name] = toSnmpValue(varbind);
  }
  noteUptime(round, uptimeOf(varbinds, nowMs));
  if (why !== null && why !== "error") return why;
  if (profile === null) return why;

  const system = memory.system.take(varbinds, nowMs);
  Object.assign(sample.values, system.values);
  if (profile === "system") return why;
  const { values } = sample;
  const interfacesWhy = await memory.interfaces.poll(session, { values, tableMark: system.tableMark, nowMs });
  const sofar = interfacesWhy ?? why;
  const { pollProfile } = round;
  const isDone = pollProfile === undefined || profile === "interfaces";
  if (isDone || (sofar !== null && sofar !== "error")) return sofar;
  const { sysObjectID, sysDescr } = memory.system;
  const request = { profile, reader: session, sysObjectID, sysDescr, memory: memory.profile };
  const answer = await pollProfile(request);
  Object.assign(values, answer.values);
  return answer.why ?? sofar;
}

function noteUptime({ target, session, memory, onEvent }: Round, uptime: TargetMemory["uptime"]): void {
  if (uptime === null) return;
  const { id } = target;
  const before = memory.uptime;
  memory.uptime = uptime;
  // After a power cut nobody remembers the reading before: the collector compares it with the silence.
  if (before === null)
    return onEvent?.({
      type: "device.uptime",
      detail: { target: id, uptimeS: Math.round(uptime.uptimeS) },
    });
  const reboot = findReboot(id, before, uptime);
  if (reboot === null) return;
  session.forgetDevice();
  memory.interfaces.forget();
  memory.system.forget();
  memory.profile.clear();
  onEvent?.(reboot);
}

function noteMains(
  id: string,
  memory: TargetMemory,
  { values }: SnmpSample,
  onEvent: SnmpProbeOptions["onEvent"],
): void {
  const now = readsOnBattery(values);
  if (now === null) return;
  const event = findMainsChange(id, memory.onBattery, now);
  memory.onBattery = now;
  if (event !== null) onEvent?.(event);
}

const hasValues = ({ values }: SnmpSample) => Object.values(values).some((value) => value !== null);
