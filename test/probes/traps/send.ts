import { execFile, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { tempDir } from "../../support/temp-dir.ts";
import { freeUdpPort } from "../../support/free-port.ts";
import { community } from "./listen.ts";

const run = promisify(execFile);

export const user = {
  version: "3" as const,
  user: "pemantau",
  authProtocol: "sha256" as const,
  authKey: "sandi-asli-1",
  privProtocol: "aes" as const,
  privKey: "sandi-rahasia-1",
};
export const linkDown = "1.3.6.1.6.3.1.1.5.3";
export const ifIndex3 = ["1.3.6.1.2.1.2.2.1.1.3", "i", "3"];

/** Net-SNMP's own sender, without the configuration of this machine or its user. */
export async function send(command: "snmptrap" | "snmpinform", args: string[]): Promise<void> {
  using folder = tempDir();
  const env = { ...process.env, SNMPCONFPATH: folder.path, SNMP_PERSISTENT_DIR: folder.path, MIBS: "" };
  await run(command, args, { env, timeout: 60_000 });
}

export function v2c(port: number, ...rest: string[]): string[] {
  return ["-v", "2c", "-c", community, `127.0.0.1:${port}`, ...rest];
}
export function v3(port: number, authKey: string, ...rest: string[]): string[] {
  const auth = ["-l", "authPriv", "-a", "SHA-256", "-A", authKey, "-x", "AES", "-X", user.privKey];
  return ["-v", "3", "-u", user.user, ...auth, `127.0.0.1:${port}`, ...rest];
}

/** A real device: snmpd, which sends informs about itself to that port. */
export async function startSender(port: number): Promise<AsyncDisposable & { askWrongly(): Promise<void> }> {
  const folder = tempDir();
  const config = join(folder.path, "snmpd.conf");
  const ownPort = await freeUdpPort();
  await writeFile(
    config,
    `rocommunity desa 127.0.0.1\nauthtrapenable 1\ninformsink 127.0.0.1:${port} ${community}\n`,
  );
  const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin`, SNMP_PERSISTENT_DIR: folder.path };
  const args = ["-f", "-Le", "-C", "-c", config, "-I", "-smux", `udp:127.0.0.1:${ownPort}`];
  const child = spawn("snmpd", args, { env, stdio: "ignore" });
  const exited = once(child, "exit");
  return {
    async askWrongly() {
      const wrong = [
        "-v",
        "2c",
        "-c",
        "salah",
        "-r",
        "0",
        "-t",
        "1",
        `127.0.0.1:${ownPort}`,
        "1.3.6.1.2.1.1.3.0",
      ];
      // snmpd does not answer who does not know its community.
      await run("snmpget", wrong, { env: { ...process.env, MIBS: "" } }).catch(() => undefined);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await exited;
      folder[Symbol.dispose]();
    },
  };
}

/** One inform as snmpinform sends it, taken by a socket that does not answer. */
export async function recordInform(): Promise<Buffer> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const received = once(socket, "message");
  const sending = send("snmpinform", [
    "-r",
    "0",
    "-t",
    "1",
    ...v2c(socket.address().port, "100", "1.3.6.1.6.3.1.1.5.2"),
  ]);
  const [packet] = (await received) as [Buffer];
  // It ends when nobody answered it.
  await sending.catch(() => undefined);
  socket.close();
  return packet;
}

/** Sends as fast as this process can, so many at a time that the receiver's buffer is not the only thing tested. */
export async function flood(port: number, packets: Buffer[], from = "127.0.0.1"): Promise<void> {
  const socket = createSocket("udp4");
  socket.bind(0, from);
  await once(socket, "listening");
  for (const [index, packet] of packets.entries()) {
    if (index % 50 === 49) await new Promise((resolve) => setImmediate(resolve));
    await new Promise<void>((resolve) => socket.send(packet, port, "127.0.0.1", () => resolve()));
  }
  socket.close();
}

export function trapV2c(trapOid: string): Buffer {
  return Buffer.from(
    tlv(0x30, [...tlv(2, [1]), ...tlv(4, [...Buffer.from(community)]), ...trapPdu(trapOid)]),
  );
}

/** SNMPv3, noAuthNoPriv, with an empty user name and an engine of its own. */
export function nobodysTrapV3(trapOid: string): Buffer {
  const engine = tlv(4, [0x80, 0, 0x1f, 0x88, 0x80, 1, 2, 3, 4]);
  const header = [...tlv(2, [1]), ...tlv(2, [0x7f, 0xff]), ...tlv(4, [0]), ...tlv(2, [3])];
  const security = tlv(0x30, [
    ...engine,
    ...tlv(2, [1]),
    ...tlv(2, [1]),
    ...tlv(4, []),
    ...tlv(4, []),
    ...tlv(4, []),
  ]);
  const scoped = tlv(0x30, [...engine, ...tlv(4, []), ...trapPdu(trapOid)]);
  return Buffer.from(tlv(0x30, [...tlv(2, [3]), ...tlv(0x30, header), ...tlv(4, security), ...scoped]));
}

function trapPdu(trapOid: string): number[] {
  const varbinds = [
    tlv(0x30, [...oid("1.3.6.1.2.1.1.3.0"), ...tlv(0x43, [1, 0])]),
    tlv(0x30, [...oid("1.3.6.1.6.3.1.1.4.1.0"), ...oid(trapOid)]),
  ].flat();
  return tlv(0xa7, [...tlv(2, [1]), ...tlv(2, [0]), ...tlv(2, [0]), ...tlv(0x30, varbinds)]);
}

const tlv = (tag: number, value: number[]): number[] => [tag, value.length, ...value];
/** Numbers below 128 alone. */
const oid = (dotted: string): number[] => {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return tlv(6, [first * 40 + second, ...rest]);
};

/** Park and Miller's minimal standard generator: the same garbage in every run. */
export function createRandom(seed: number): () => number {
  let state = seed % 2_147_483_647;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}
