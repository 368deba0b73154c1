import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freeUdpPort } from "./free-port.ts";

/** Opens the snmpd that startSnmpd() starts. */
export const community = "lontar";
export const v3User = { user: "pemantau", authKey: "sandi-asli-1", privKey: "sandi-rahasia-1" };
/** A user with SHA-256 only, and one without any key. */
export const v3AuthUser = "pengamat";
export const v3OpenUser = "tamu";

export interface Snmpd extends AsyncDisposable {
  port: number;
}

const config = `
sysLocation Sangatta, Kutai Timur
sysContact ops@example.test
rocommunity ${community} 127.0.0.1
rouser ${v3User.user} priv
rouser ${v3AuthUser} auth
rouser ${v3OpenUser} noauth
`;

const persistent = `
createUser ${v3User.user} SHA-256 ${v3User.authKey} AES ${v3User.privKey}
createUser ${v3AuthUser} SHA-256 ${v3User.authKey}
createUser ${v3OpenUser}
`;

/** A real Net-SNMP agent on a free port of the loopback, with a configuration and a state folder of its own. */
export async function startSnmpd(): Promise<Snmpd> {
  const folder = await mkdtemp(join(tmpdir(), "sambung-snmpd-"));
  const configFile = join(folder, "snmpd.conf");
  await writeFile(configFile, config + persistent);
  const port = await freeUdpPort();
  const child = await spawnSnmpd(configFile, folder, port);
  const exited = once(child, "exit");
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Starts snmpd on a port of the loopback and waits until it is ready. `folder` is where it keeps its state. */
export async function spawnSnmpd(configFile: string, folder: string, port: number) {
  const child = spawn(
    "snmpd",
    ["-f", "-Lo", "-C", "-c", configFile, "-I", "-smux", `udp:127.0.0.1:${port}`],
    {
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin`, SNMP_PERSISTENT_DIR: folder },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let log = "";
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      log += chunk.toString();
      if (log.includes("NET-SNMP version")) resolve();
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`snmpd ended before it was ready: ${log}`)));
  });
  return child;
}
