import type { SnmpTarget } from "#wire/agent-config-v1.ts";
import { startDeadline } from "../deadline.ts";
import type { ProbeFn, SnmpSample } from "../probe.ts";
import { resolveFirst } from "../resolve.ts";
import type { Resolve } from "../resolve.ts";
import { openSession, toLogin } from "./session.ts";
import type { SnmpSession } from "./session.ts";
import { toSnmpValue } from "./value.ts";

/** Objects per request: an answer of 20 stays below 1500 bytes even where each is a short text. */
const maxOidsPerRequest = 20;

/** Asked where a target names no objects: every agent has it (RFC 3418). */
const sysUpTimeOid = "1.3.6.1.2.1.1.3.0";

/**
 * One poll. ok is 1 when the device answered a request, even if only with an error; the report by which a v3 device
 * refuses a user is no answer to the poll, and neither is silence, which is what a wrong community gets. A name
 * without a value is null: the device does not have the object, or the time was up.
 */
export function createSnmpProbe(resolve: Resolve): ProbeFn<SnmpTarget> {
  return async (target, context) => {
    using deadline = startDeadline(context);
    const sample: SnmpSample = { kind: "snmp", ok: 0, values: {} };
    for (const name of Object.keys(target.oids)) sample.values[name] = null;
    const login = toLogin(target.id, target.auth);
    const address = await resolveFirst(resolve, target.address, deadline);
    if (address === null) return sample;
    using session = await openSession(login, address, target.port, deadline);
    if (session === null) return sample;

    const named = Object.entries(target.oids);
    const objects: SnmpObject[] = named.length === 0 ? [[null, sysUpTimeOid]] : named;
    for (let at = 0; at < objects.length; at += maxOidsPerRequest) {
      if (!(await poll(session, objects.slice(at, at + maxOidsPerRequest), sample))) break;
    }
    return sample;
  };
}

type SnmpObject = [name: string | null, oid: string];

/**
 * Asks for the objects and writes down their values; false when the device went silent. A request that it refuses
 * (tooBig, or one object that it fails on) is halved until the others have their values.
 */
async function poll(session: SnmpSession, objects: SnmpObject[], sample: SnmpSample): Promise<boolean> {
  const answer = await session.get(objects.map(([, oid]) => oid));
  if (answer === null) return false;
  sample.ok = 1;
  if (answer === "refused") {
    if (objects.length === 1) return true;
    const half = Math.ceil(objects.length / 2);
    return (
      (await poll(session, objects.slice(0, half), sample)) &&
      (await poll(session, objects.slice(half), sample))
    );
  }
  for (const [index, [name]] of objects.entries()) {
    const varbind = answer[index];
    if (name !== null && varbind !== undefined) sample.values[name] = toSnmpValue(varbind);
  }
  return true;
}
