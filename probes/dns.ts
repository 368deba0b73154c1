import type { DnsTarget } from "#wire/agent-config-v1.ts";
import { roundMs } from "#wire/units.ts";
import { startDeadline } from "./deadline.ts";
import { dataOnly } from "./failure.ts";
import type { DnsSample, ProbeFn } from "./probe.ts";
import { createRoundResolver } from "./resolve.ts";

/**
 * The response code behind each error of c-ares. A name that exists without a record of the type asked for is NOERROR
 * (RFC 2308 §2.2). Errors that are not here (ETIMEOUT, ECONNREFUSED, ECANCELLED, EBADRESP) mean that nobody answered,
 * or nothing that can be read.
 */
const rcodeByError: Record<string, string> = {
  ENODATA: "NOERROR",
  EFORMERR: "FORMERR",
  ESERVFAIL: "SERVFAIL",
  ENOTFOUND: "NXDOMAIN",
  ENOTIMP: "NOTIMP",
  EREFUSED: "REFUSED",
};

/**
 * One query, by a resolver of its own each round: c-ares keeps answers, and a kept answer says nothing about now.
 * ok when the answer is NOERROR with at least one record. totalMs is null when nothing answered.
 */
export const probeDns: ProbeFn<DnsTarget> = async (target, context) => {
  using deadline = startDeadline(context);
  const { signal } = deadline;
  if (signal.aborted) return toSample(false, null, null);
  const nameservers = target.resolver === null ? undefined : [target.resolver];
  const resolver = createRoundResolver(deadline, nameservers);
  const cancel = () => resolver.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const { name, recordType } = target;
    const records = await (recordType === "A" ? resolver.resolve4(name) : resolver.resolve6(name));
    return toSample(records.length > 0, "NOERROR", deadline.elapsedMs());
  } catch (error) {
    dataOnly(error);
    const rcode = rcodeByError[(error as NodeJS.ErrnoException).code ?? ""] ?? null;
    return toSample(false, rcode, rcode === null ? null : deadline.elapsedMs());
  } finally {
    signal.removeEventListener("abort", cancel);
  }
};

function toSample(ok: boolean, rcode: string | null, totalMs: number | null): DnsSample {
  return { kind: "dns", ok: ok ? 1 : 0, rcode, totalMs: totalMs === null ? null : roundMs(totalMs) };
}
