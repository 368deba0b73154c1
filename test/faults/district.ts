import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { uptime } from "node:os";
import { makeKey } from "../../src/state/keys.ts";
import { fakeClock } from "../chaos/faked-clock.ts";
import { issue, makeAuthority } from "../support/certificate.ts";
import { createDistrictNet, gatewayOf, hostOf } from "../support/district-net.ts";
import type { DistrictNet, Place } from "../support/district-net.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { places, serviceName, sites, writeDistrict } from "./inventory.ts";

/*
 * A district with all that can break in it: five sites in network namespaces, the third village behind the second; a
 * collector, an agent at each site, a complaint service with TLS, a resolver at the district's centre and one at the
 * kecamatan that the villages ask too, and snmpd on the first village's router.
 */

/** Nothing but its agent runs on a village's host. */
export type Village = "v1" | "v2" | "v3";

export interface FaultyDistrict extends AsyncDisposable {
  net: DistrictNet;
  /** `data` of an answer of the collector's API. */
  read<T>(path: string): Promise<T>;
  startAgent(village: Village): void;
  /** Ends its programs and, at `startAgent`, the machine has a new boot id and monotonic clock. */
  cutMachine(village: Village): Promise<void>;
  /** Ends the agent alone; at `startAgent` it is the same boot of the machine. */
  killAgent(village: Village): Promise<void>;
  startSnmpd(): void;
  startResolver(): void;
  stopResolver(): void;
  startService(): void;
  stopService(): void;
  /** Of the service: one that has expired, or one that has not. */
  setCertificate(which: "good" | "expired"): void;
  /** How far the wall clock of the third village's machine is off, s. */
  setClock(offsetS: number): void;
}

/** Builds it, and starts everything; resolves when each agent has been started. */
export async function startDistrict(): Promise<FaultyDistrict> {
  await using open = new AsyncDisposableStack();
  const dir = open.adopt(tempDir(), (made) => made[Symbol.dispose]());
  const adminKey = makeKey("sbk");
  const collector = `http://${hostOf("noc")}:8080`;
  const certificates = await writeCertificates(dir.file);
  writeDistrict(dir.path);
  writeFileSync(dir.file("snmpd.conf"), "rocommunity public default\n");
  const clock = fakeClock(dir.file("clock"));
  if (clock === null) throw new Error("libfaketime is not installed");
  const net = open.use(createDistrictNet());

  const program = (on: Place, log: string, file: string, args: string[], env: Record<string, string> = {}) =>
    net.start(on, process.execPath, [file, ...args], env, dir.file(log));
  const startNames = (on: "noc" | "kec") =>
    program(on, `names-${on}.log`, "test/faults/name-server.ts", [hostOf(on), serviceName, hostOf("noc")]);
  const startLapor = () =>
    program("noc", "service.log", "test/support/complaint-service.ts", [
      hostOf("noc"),
      "443",
      dir.file("key.pem"),
      dir.file("cert.pem"),
    ]);

  const machines = createMachines(net, dir.file, {
    server: collector,
    env: {
      NODE_EXTRA_CA_CERTS: dir.file("ca.pem"),
      SAMBUNG_LOG: "info",
    },
    extra: { v3: clock.env },
  });
  startNames("noc");
  let resolver: ChildProcess = startNames("kec");
  let service: ChildProcess = startLapor();
  const startSnmpd = () =>
    void net.start(
      "r-v1",
      "snmpd",
      ["-f", "-C", "-c", dir.file("snmpd.conf"), "-Lo", `udp:${gatewayOf("v1")}:161`],
      {},
      dir.file("snmpd.log"),
    );
  startSnmpd();
  program("noc", "collector.log", "src/main.ts", ["start"], {
    SAMBUNG_CONFIG: dir.file("sambung.yaml"),
    SAMBUNG_LISTEN: `${hostOf("noc")}:8080`,
    SAMBUNG_ADMIN_KEY: adminKey,
  });
  const authorized = { Authorization: `Bearer ${adminKey}` };
  const read = async <T>(path: string): Promise<T> => {
    const { status, text } = await net.get("noc", `${collector}/api/v1${path}`, authorized);
    if (status !== 200) throw new Error(`${path}: ${status} ${text.slice(0, 300)}`);
    return (JSON.parse(text) as { data: T }).data;
  };
  await waitFor("the collector", async () => (await net.get("noc", `${collector}/readyz`)).status === 200, {
    timeoutMs: 120_000,
  });
  for (const place of places) {
    const headers = { ...authorized, "Content-Type": "application/json" };
    const body = JSON.stringify({ site: sites[place] });
    const { status, text } = await net.post("noc", `${collector}/api/v1/agents/tokens`, headers, body);
    if (status !== 201) throw new Error(text);
    machines.start(place, (JSON.parse(text) as { data: { token: string } }).data.token);
  }
  const parts = open.move();
  return {
    net,
    read,
    startAgent: (place) => machines.start(place),
    cutMachine: (place) => machines.cut(place),
    killAgent: (place) => machines.kill(place),
    startSnmpd,
    startResolver: () => (resolver = startNames("kec")),
    stopResolver: () => void resolver.kill("SIGKILL"),
    startService: () => (service = startLapor()),
    stopService: () => void service.kill("SIGKILL"),
    setCertificate(which) {
      writeFileSync(dir.file("cert.pem"), certificates[which]);
      service.kill("SIGHUP");
    },
    setClock: (offsetS) => clock.set(offsetS),
    async [Symbol.asyncDispose]() {
      // Before the namespaces go: a program in a time namespace of its own hears no SIGTERM.
      for (const place of places) await net.kill(place);
      await parts.disposeAsync();
    },
  };
}

/** The authority that the agents trust, and two certificates of one key. */
async function writeCertificates(file: (name: string) => string): Promise<{ good: string; expired: string }> {
  const authority = await makeAuthority("Otoritas Uji");
  const good = await issue(authority, { host: { dns: serviceName }, name: serviceName, days: 30 });
  const expired = await issue(authority, {
    host: { dns: serviceName },
    name: serviceName,
    days: -1,
    owner: good,
  });
  writeFileSync(file("ca.pem"), authority.cert);
  writeFileSync(file("key.pem"), good.key);
  writeFileSync(file("cert.pem"), good.cert);
  return { good: good.cert, expired: expired.cert };
}

interface MachineOptions {
  server: string;
  env: Record<string, string>;
  extra: Partial<Record<Place, Record<string, string>>>;
}

/**
 * Each site's host as a machine of its own. Its boot id and its resolver are files laid over those of this machine in the mount
 * namespace that `ip netns exec` makes for each program; after a power cut its monotonic clock begins anew in a time namespace.
 */
function createMachines(net: DistrictNet, file: (name: string) => string, options: MachineOptions) {
  /** By place, when the machine was switched on again, in seconds of this machine's uptime; null: never. */
  const switchedOn = new Map<Place, number>();
  const bootFile = (place: Place) => file(`boot-${place}`);
  for (const place of places) {
    writeFileSync(bootFile(place), `${randomUUID()}\n`);
    writeFileSync(file(`resolv-${place}`), `nameserver ${hostOf(place === "noc" ? "noc" : "kec")}\n`);
  }
  const script = `mount --bind "$1" /proc/sys/kernel/random/boot_id && mount --bind "$2" /etc/resolv.conf && shift 2 && exec "$@"`;
  return {
    start(place: Place, token?: string): void {
      const sinceS = switchedOn.get(place);
      const clockOfItsOwn =
        sinceS === undefined
          ? []
          : `unshare --time --fork --kill-child --monotonic -${sinceS} --boottime -${sinceS}`.split(" ");
      const overlays = [bootFile(place), file(`resolv-${place}`)];
      const run = ["probes/main.ts", "run", "--server", options.server, "--data", file(`agent-${place}`)];
      net.start(
        place,
        "sh",
        ["-c", script, "sh", ...overlays, ...clockOfItsOwn, process.execPath, ...run],
        {
          ...options.env,
          ...options.extra[place],
          ...(token === undefined ? {} : { SAMBUNG_TOKEN: token }),
        },
        file(`agent-${place}.log`),
      );
    },
    async cut(place: Village): Promise<void> {
      await net.kill(place);
      writeFileSync(bootFile(place), `${randomUUID()}\n`);
      // A machine has run for some seconds before its first program starts.
      switchedOn.set(place, Math.floor(uptime()) - 5);
    },
    kill: (place: Village) => net.kill(place),
  };
}
