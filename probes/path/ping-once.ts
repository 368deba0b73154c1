import { execFile } from "node:child_process";
import { isIP } from "node:net";

/*
 * One echo request with a limited life, by the system's ping, which holds the right to raw sockets so that the agent
 * needs none. ping rather than `fping -H`: an agent has ping in any case, for small sites alone; it says which router
 * answered in the line itself; and both leave out the time of such an answer, so that fping gives nothing more here.
 *
 * What iputils' ping prints (20221126, Debian 12) for IPv4 and IPv6:
 *   64 bytes from 10.8.1.1: icmp_seq=1 ttl=64 time=20.1 ms
 *   From 10.8.1.1 icmp_seq=1 Time to live exceeded            From 2001:db8::1 icmp_seq=1 Time exceeded: Hop limit
 *   From 10.8.1.1 icmp_seq=1 Destination Host Unreachable     From … Destination unreachable: Address unreachable
 *   From 10.8.1.1 icmp_seq=1 Packet filtered                  From … Destination unreachable: Administratively prohibited
 *   ping: connect: Network is unreachable                     no route; nothing went out
 * BusyBox writes `seq=0` in an answer and says nothing of a refusal: a gateway that answers is seen to, a router is not.
 */
export type Echo =
  | { kind: "reply"; from: string; rttUs: number }
  | { kind: "exceeded"; from: string }
  /** `code` as traceroute writes it: !H host, !N network, !X forbidden, !P protocol or port, ! anything else. */
  | { kind: "unreachable"; from: string; code: string }
  | { kind: "silent" }
  | { kind: "noRoute" }
  /** ping could not be run, or may not send. */
  | { kind: "cannot"; reason: string };

export interface EchoOptions {
  /** Routers that the request may pass, 1 to 255; null: as many as the system lets it. */
  ttl: number | null;
  /** Whole seconds: what every ping takes. */
  waitS: number;
  signal: AbortSignal;
}

export type Ping = (address: string, options: EchoOptions) => Promise<Echo>;

/** After -W and this, ping hangs. */
const graceMs = 2_000;

export const pingOnce: Ping = (address, { ttl, waitS, signal }) => {
  const [plain = ""] = address.split("%");
  // It is an argument of a program: nothing but an address may be one.
  if (isIP(plain) === 0) throw new TypeError(`${address} is not an address`);
  const args = ["-n", "-c", "1", "-W", String(waitS), ...(ttl === null ? [] : ["-t", String(ttl)]), address];
  return new Promise((resolve) => {
    const env = { ...process.env, LC_ALL: "C" };
    const options = { env, signal, timeout: waitS * 1_000 + graceMs, killSignal: "SIGKILL" as const };
    execFile("ping", args, options, (error, stdout, stderr) => {
      const code = (error as NodeJS.ErrnoException | null)?.code;
      if (typeof code === "string" && code !== "ABORT_ERR") resolve({ kind: "cannot", reason: code });
      else resolve(readEcho(`${stdout}\n${stderr}`));
    });
  });
};

export function readEcho(output: string): Echo {
  const reply = /bytes from (\S+?):? .*?seq=\d+ .*?time[=<]([\d.]+) ?ms/.exec(output);
  if (reply !== null) return { kind: "reply", from: reply[1]!, rttUs: Math.round(Number(reply[2]) * 1000) };
  const refusal = /^From (\S+?):? icmp_seq=\d+ (.*)$/m.exec(output);
  if (refusal !== null) {
    const [, from = "", words = ""] = refusal;
    if (/^time (to live )?exceeded/i.test(words)) return { kind: "exceeded", from };
    return { kind: "unreachable", from, code: toCode(words) };
  }
  if (/(Network is unreachable|No route to host|Cannot assign requested address)/.test(output)) {
    return { kind: "noRoute" };
  }
  const cannot = /^ping6?: (.*(?:not permitted|denied|invalid|unrecognized|unknown).*)$/im.exec(output);
  return cannot === null ? { kind: "silent" } : { kind: "cannot", reason: cannot[1]!.slice(0, 200) };
}

function toCode(words: string): string {
  if (/prohibited|filtered/i.test(words)) return "!X";
  if (/host unreachable|address unreachable/i.test(words)) return "!H";
  if (/net unreachable|no route/i.test(words)) return "!N";
  return /port|protocol/i.test(words) ? "!P" : "!";
}
