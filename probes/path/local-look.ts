import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { limits } from "#wire/units.ts";
import type { Host } from "../clock.ts";
import type { Clock } from "../probe.ts";
import type { Ping } from "./ping-once.ts";
import { textOf } from "./own-addresses.ts";
import { readDefaultRoute4, readDefaultRoute6 } from "./routes.ts";
import type { DefaultRoute } from "./routes.ts";

/** What the agent sees of its own place, for whoever asks whether the fault is there. */
export interface LocalLook {
  /** The gateway of the default route; the last one known where that route is gone. */
  gateway: string | null;
  /** Null: there is none to ask, or ping cannot be run. */
  gatewayAnswers: boolean | null;
  gatewayRttUs: number | null;
  interface: string | null;
  /** Whether its cable or radio has a link; null: the system does not say. */
  carrier: boolean | null;
  hasDefaultRoute: boolean;
  uptimeS: number;
  /** True with evidence, false where the clock is certainly wrong, null: nobody knows. */
  clockSynced: boolean | null;
}

export interface LocalDeps {
  ping: Ping;
  clock: Clock;
  host: Pick<Host, "uptimeS">;
  /** Whether the collector's time agreed with this machine's. */
  synced: () => boolean;
  /** Where the kernel's files are. Default `/`; tests have their own. */
  root?: string;
}

export interface LocalLooker {
  /** Notes the default route while it is there. */
  remember(): Promise<void>;
  look(signal: AbortSignal): Promise<LocalLook>;
}

const waitS = 2;

export function createLocalLooker({ ping, clock, host, synced, root = "/" }: LocalDeps): LocalLooker {
  let known: DefaultRoute | null = null;

  async function readRoute(): Promise<DefaultRoute | null> {
    const route =
      readDefaultRoute4(await textOf(join(root, "proc/net/route"))) ??
      readDefaultRoute6(await textOf(join(root, "proc/net/ipv6_route")));
    known = route ?? known;
    return route;
  }

  /** The only interface there is, but for the loopback, where no route ever said which. */
  async function onlyInterface(): Promise<string | null> {
    const names = await readdir(join(root, "sys/class/net")).catch(() => []);
    const others = names.filter((name) => name !== "lo");
    return others.length === 1 ? others[0]! : null;
  }

  async function readCarrier(name: string): Promise<boolean | null> {
    if (!existsSync(join(root, "sys/class/net", name))) return null;
    try {
      return (await readFile(join(root, "sys/class/net", name, "carrier"), "utf8")).trim() === "1";
    } catch (error) {
      // The kernel has no answer (EINVAL) while the interface is set down, which is as good as none.
      return (error as NodeJS.ErrnoException).code === "EINVAL" ? false : null;
    }
  }

  function readClockState(): boolean | null {
    if (clock.wallMs() < limits.earliestWallMs) return false;
    // systemd-timesyncd makes this file once it has set the clock since the machine started.
    return synced() || existsSync(join(root, "run/systemd/timesync/synchronized")) ? true : null;
  }

  return {
    async remember() {
      await readRoute();
    },
    async look(signal) {
      const route = await readRoute();
      const { gateway = null, interface: name = await onlyInterface() } = route ?? known ?? {};
      const echo = gateway === null ? null : await ping(gateway, { ttl: null, waitS, signal });
      const asked = echo !== null && echo.kind !== "cannot" && !signal.aborted;
      return {
        gateway,
        gatewayAnswers: asked ? echo.kind === "reply" : null,
        gatewayRttUs: echo?.kind === "reply" ? echo.rttUs : null,
        interface: name,
        carrier: name === null ? null : await readCarrier(name),
        hasDefaultRoute: route !== null,
        uptimeS: host.uptimeS(),
        clockSynced: readClockState(),
      };
    },
  };
}
