import type { Phase } from "#wire/rounds-v1.ts";
import type { TcpTarget } from "#wire/targets-v1.ts";
import { roundMs } from "#wire/units.ts";
import { startDeadline } from "./deadline.ts";
import { dataOnly } from "./failure.ts";
import type { ProbeFn } from "./probe.ts";
import type { Resolve } from "./resolve.ts";
import { addressesOf, connectPhase, connectTcp } from "./tcp-connect.ts";

/**
 * One connection, closed as soon as it stands; nothing is sent over it. phase is `dns` for a name without an address,
 * or too late with it; `refused` where the machine at the other end refused; `connect` where there is no way to it;
 * `timeout` where nobody said anything.
 */
export function createTcpProbe(resolve: Resolve): ProbeFn<TcpTarget> {
  return async ({ address: host, port, family }, { note = () => undefined, ...context }) => {
    using deadline = startDeadline(context);
    let phase: Phase = "dns";
    try {
      const addresses = await addressesOf(host, family, { resolve, deadline, note });
      phase = "connect";
      const startedMs = deadline.elapsedMs();
      const socket = await connectTcp(addresses, port, deadline, note);
      const connectMs = roundMs(deadline.elapsedMs() - startedMs);
      socket.destroy();
      return { kind: "tcp", ok: 1, phase: null, connectMs };
    } catch (error) {
      dataOnly(error);
      if (phase === "connect") phase = deadline.signal.aborted ? "timeout" : connectPhase(error);
      return { kind: "tcp", ok: 0, phase, connectMs: null };
    }
  };
}
