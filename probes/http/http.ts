import type { HttpTarget } from "#wire/targets-v1.ts";
import { roundMs } from "#wire/units.ts";
import { startDeadline } from "../deadline.ts";
import { dataOnly } from "../failure.ts";
import type { HttpSample, ProbeFn } from "../probe.ts";
import type { Resolve } from "../resolve.ts";
import { nameOf } from "../tcp-connect.ts";
import { headerOf } from "./answer.ts";
import type { Answer } from "./answer.ts";
import { ask } from "./exchange.ts";
import { bodyHolds } from "./expect.ts";
import type { BodyMeans } from "./expect.ts";
import { wayOf } from "./redirect.ts";
import { createMatchRegex } from "./regex.ts";

/*
 * One check of a web address, each on a connection of its own, since a citizen's phone has none open either.
 *
 * phase is where it broke: dns, connect and tls also when the time ran out there; http for anything wrong with the
 * answer (status, a redirect too many or to where the target may not go, no answer at all); body for one that does not
 * hold what is expected, is too large to tell, breaks off or cannot be unpacked; timeout when the time ran out after
 * the connection stood.
 * dnsMs, connectMs, tlsMs and ttfbMs are the parts of the last address asked, one after another: ttfbMs counts from
 * the request to the head of the answer. dnsMs is null where the address is a number. totalMs is the whole round,
 * redirects and body included, and null when nothing answered.
 * The body is read only where something is expected in it: on a thin uplink the head is enough to know that it is
 * there.
 */
export function createHttpProbe(resolve: Resolve): ProbeFn<HttpTarget> {
  const matchRegex = createMatchRegex();
  return async (target, { clock, note = () => undefined, ...context }) => {
    using deadline = startDeadline(context);
    let url = new URL(target.url);
    for (let redirects = 0; ; redirects++) {
      using exchange = await ask(url, target, { resolve, deadline, clock, note });
      const { sample, answer } = exchange;
      const way = answer === null ? "here" : wayOf(answer, url, redirects, target, note);
      if (way instanceof URL) {
        url = way;
        continue;
      }
      if (way === "refused") sample.phase = "http";
      else if (answer !== null) await judge(sample, answer, target, { deadline, matchRegex, note });
      sample.ok = sample.phase === null ? 1 : 0;
      if (sample.status !== null) sample.totalMs = roundMs(deadline.elapsedMs());
      return sample;
    }
  };
}

/** Sets the phase that the answer fails in, if it does. */
async function judge(
  sample: HttpSample,
  answer: Answer,
  target: HttpTarget,
  means: BodyMeans,
): Promise<void> {
  if (!statusPasses(sample.status, answer, target.expectStatus)) {
    means.note("failed", { phase: "http", error: `status ${answer.status}` });
    sample.phase = "http";
    return;
  }
  if (target.expectBody === null) return;
  try {
    if (await bodyHolds(answer, target.expectBody, target.maxBodyBytes, means)) return;
    sample.phase = "body";
  } catch (error) {
    dataOnly(error);
    sample.phase = means.deadline.signal.aborted ? "timeout" : "body";
    means.note("failed", { phase: sample.phase, error: nameOf(error) });
  }
}

function statusPasses(status: number | null, answer: Answer, expected: readonly number[]): boolean {
  if (status === null) return false;
  if (expected.length > 0) return expected.includes(status);
  // A redirect that cannot be followed leads a citizen nowhere.
  const leadsNowhere = status >= 300 && headerOf(answer, "location") !== "";
  return status >= 200 && status <= 399 && !leadsNowhere;
}
