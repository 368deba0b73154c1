import type { HttpTarget } from "#wire/targets-v1.ts";
import type { Note } from "../probe.ts";
import { headerOf } from "./answer.ts";
import type { Answer } from "./answer.ts";

const redirectStatuses = [301, 302, 303, 307, 308];

/**
 * What an answer means for the way: `here`, it is to be judged as it is; `refused`, it leads where the target may not
 * go; or the next address.
 */
export type Way = "here" | "refused" | URL;

/** Where the answer of `from`, after so many redirects, sends the client. */
export function wayOf(answer: Answer, from: URL, redirects: number, target: HttpTarget, note: Note): Way {
  const location = headerOf(answer, "location");
  if (!redirectStatuses.includes(answer.status) || location === "") return "here";
  if (target.expectStatus.includes(answer.status)) return "here";
  const to = URL.parse(location, from.href);
  // Whom to log in as is for the operator to say, not for a server, and for no other server than the operator's.
  const isSameOrigin = to?.origin === from.origin;
  if (to !== null) {
    to.username = isSameOrigin ? from.username : "";
    to.password = isSameOrigin ? from.password : "";
  }
  const refusal = to === null ? "no address" : refusalOf(to, from, redirects, target);
  note("redirect", {
    to: to === null ? null : showUrl(to),
    followed: refusal === null,
    ...(refusal === null ? {} : { why: refusal }),
  });
  return refusal === null && to !== null ? to : "refused";
}

function refusalOf(to: URL, from: URL, redirects: number, target: HttpTarget): string | null {
  if (to.protocol !== "http:" && to.protocol !== "https:") return "no web address";
  if (redirects >= target.maxRedirects) return `more than ${target.maxRedirects} redirects`;
  if (from.protocol === "https:" && to.protocol === "http:") return "from https to http";
  if (target.redirects === "sameHost" && to.hostname !== from.hostname) return "to another host";
  return null;
}

/** The address without its credentials, for a note. */
export function showUrl(url: URL): string {
  const shown = new URL(url);
  shown.username = "";
  shown.password = "";
  return shown.href;
}
