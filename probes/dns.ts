import type { Resolver } from "node:dns/promises";
import { BlockList } from "node:net";
import type { DnsTarget } from "#wire/targets-v1.ts";
import { roundMs } from "#wire/units.ts";
import { addRange, isInRanges } from "./address-ranges.ts";
import { startDeadline } from "./deadline.ts";
import type { Deadline } from "./deadline.ts";
import { dataOnly } from "./failure.ts";
import type { DnsSample, ProbeFn } from "./probe.ts";
import { createRoundResolver } from "./resolve.ts";

/*
 * One query, by a resolver of its own each round: c-ares keeps answers, and a kept answer says nothing about now.
 *
 * What c-ares does with an answer (checked with Node 24.21): one cut short (TC) is asked for again over TCP; one that
 * cannot be read is asked for once more and then EBADRESP; one with another id or another question is not taken for an
 * answer at all. Of the response codes it tells apart those of RFC 1035; the codes 6 to 10 of RFC 2136, which belong to
 * updates and not to queries, look like NOERROR without a record.
 */

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

interface Answer {
  /** Null when nothing answered that can be read. */
  rcode: string | null;
  records: { address: string; ttl: number }[];
  /** The name that c-ares gives to what went wrong. */
  error: string | null;
}

/**
 * ok when the response code is one of those expected and, where that is NOERROR, there is at least one address and
 * each is in one of the ranges expected. totalMs is null when nothing answered.
 */
export const probeDns: ProbeFn<DnsTarget> = async (target, { note = () => undefined, ...context }) => {
  const isExpected = createAnswerRanges(target.expectAnswer);
  using deadline = startDeadline(context);
  const resolver = createResolver(target, deadline);
  const { name, recordType } = target;
  note("query", { name, recordType, resolvers: resolver.getServers().join(" ") });

  const { rcode, records, error } = await ask(target, resolver, deadline);
  const totalMs = rcode === null ? null : roundMs(deadline.elapsedMs());
  note("answer", { rcode, ms: totalMs, records: records.length, ...(error === null ? {} : { error }) });
  const expected = records.map(({ address, ttl }) => {
    const fits = isExpected(address);
    note("record", { address, ttlS: ttl, expected: fits });
    return fits;
  });

  const codePasses = rcode !== null && target.expectRcode.includes(rcode);
  const answerPasses = rcode !== "NOERROR" || (expected.length > 0 && expected.every(Boolean));
  return toSample(codePasses && answerPasses, rcode, totalMs);
};

function createResolver({ resolver }: DnsTarget, deadline: Deadline): Resolver {
  try {
    return createRoundResolver(deadline, resolver === null ? undefined : [resolver]);
  } catch (error) {
    throw new Error(`resolver ${resolver}: expected an address, with or without :port`, { cause: error });
  }
}

async function ask(target: DnsTarget, resolver: Resolver, { signal }: Deadline): Promise<Answer> {
  const { name, recordType } = target;
  if (signal.aborted) return { rcode: null, records: [], error: "ECANCELLED" };
  const cancel = () => resolver.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const options = { ttl: true } as const;
    const records = await (recordType === "A"
      ? resolver.resolve4(name, options)
      : resolver.resolve6(name, options));
    return { rcode: "NOERROR", records, error: null };
  } catch (error) {
    dataOnly(error);
    const code = (error as NodeJS.ErrnoException).code ?? "";
    // Nobody was asked: the name itself is none, which only the operator can mend.
    if (code === "EBADNAME") throw new Error(`name ${name}: expected a host name`, { cause: error });
    return { rcode: rcodeByError[code] ?? null, records: [], error: code };
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

function toSample(ok: boolean, rcode: string | null, totalMs: number | null): DnsSample {
  return { kind: "dns", ok: ok ? 1 : 0, rcode, totalMs };
}

/** Says of an answered address whether it is in one of the ranges; without any range every address is. */
function createAnswerRanges(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const range of ranges) {
    if (!addRange(list, range))
      throw new Error(`expectAnswer ${range}: expected an address, or a range such as 103.28.0.0/16`);
  }
  return (address) => ranges.length === 0 || isInRanges(list, address);
}
