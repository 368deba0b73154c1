import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freeUdpPort } from "../../support/free-port.ts";
import { spawnSnmpd } from "../../support/snmpd.ts";

/*
 * A real snmpd with a user for every pair of protocols, which can be restarted with its boots counted or not.
 */

export const keys = { authKey: "sandi-asli-1", privKey: "sandi-rahasia-1" };

/** Our names of the protocols and those of snmpd.conf. */
export const authNames = {
  md5: "MD5",
  sha: "SHA",
  sha224: "SHA-224",
  sha256: "SHA-256",
  sha384: "SHA-384",
  sha512: "SHA-512",
} as const;
/** aes256b: Blumenthal's keys (draft-blumenthal-aes-usm-04); aes256r: Reeder's, which snmpd calls Cisco's. */
export const privNames = { aes: "AES", aes256b: "AES-256", aes256r: "AES-256-C" } as const;

export type AuthName = keyof typeof authNames;
export type PrivName = keyof typeof privNames;

export const userOf = (auth: AuthName, priv: PrivName | "none") => `u-${auth}-${priv}`;

export interface V3Snmpd extends AsyncDisposable {
  port: number;
  /** As after a power cut. `boots` is what it then says, or null: one more than before. */
  restart(boots: number | null): Promise<void>;
}

export async function startV3Snmpd(): Promise<V3Snmpd> {
  const folder = await mkdtemp(join(tmpdir(), "sambung-snmpd3-"));
  const port = await freeUdpPort();
  let boots = 5;
  let running = await start(folder, port, boots);
  return {
    port,
    async restart(wanted) {
      await stop(running);
      boots = wanted ?? boots + 1;
      running = await start(folder, port, boots);
    },
    async [Symbol.asyncDispose]() {
      await stop(running);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function start(folder: string, port: number, boots: number) {
  const users: string[] = [];
  const access: string[] = ["rocommunity lontar 127.0.0.1"];
  for (const [auth, authName] of Object.entries(authNames) as [AuthName, string][]) {
    const authOnly = `createUser ${userOf(auth, "none")} ${authName} ${keys.authKey}`;
    users.push(authOnly);
    access.push(`rouser ${userOf(auth, "none")} auth`);
    for (const [priv, privName] of Object.entries(privNames) as [PrivName, string][]) {
      const user = userOf(auth, priv);
      users.push(`createUser ${user} ${authName} ${keys.authKey} ${privName} ${keys.privKey}`);
      access.push(`rouser ${user} priv`);
    }
  }
  // snmpd adds one to the boots that it finds, and keeps the engine's identity.
  const engine = [`oldEngineID 0x80001f8880aabbccdd00112233`, `engineBoots ${boots - 1}`];
  await rm(join(folder, "snmpd.conf"), { force: true });
  const config = join(folder, "whole.conf");
  await writeFile(config, [...engine, ...users, ...access, ""].join("\n"));
  return spawnSnmpd(config, folder, port);
}

/** Killed and not asked to end: then it writes nothing down. */
async function stop(child: Awaited<ReturnType<typeof start>>): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}
