import { once } from "node:events";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:https";
import type { RequestOptions } from "node:https";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { SecureVersion, TLSSocket } from "node:tls";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AdmissionOptions } from "../../src/http/auth.ts";
import { openDoor } from "../../src/http/open-door.ts";
import type { Door, DoorOptions } from "../../src/http/open-door.ts";
import { readTlsFiles } from "../../src/http/tls-files.ts";
import { issue, makeAuthority } from "../support/certificate.ts";
import type { Authority } from "../support/certificate.ts";
import { openTestHttp, testAdmission } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { needs } from "../support/needs.ts";
import { tempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";

const missing = needs({ commands: ["openssl"] });

let dir: ReturnType<typeof tempDir>;
let http: TestHttp;
let door: Door;

async function open(options: Partial<DoorOptions> = {}, admission: Partial<AdmissionOptions> = {}) {
  const servesTls = (options.tls ?? null) !== null;
  http = await openTestHttp({ deps: { servesTls, admission: { ...testAdmission, ...admission } } });
  door = await openDoor({
    host: "127.0.0.1",
    port: 0,
    connections: 100,
    isShared: () => true,
    tls: null,
    fetch: (incoming, env) => http.app.fetch(incoming, env),
    nowMs: Date.now,
    logger: {
      debug() {},
      info: (fields, message) => void http.log.push({ level: "info", fields: { ...fields }, message }),
      error: (fields, message) => void http.log.push({ level: "error", fields: { ...fields }, message }),
    },
    ...options,
  });
}

const portOf = () => Number(new URL(door.address).port);
const logged = (pattern: RegExp) => http.log.filter(({ message }) => pattern.test(message));

beforeEach(() => {
  dir = tempDir();
});
afterEach(async () => {
  await door.close();
  http[Symbol.dispose]();
  dir[Symbol.dispose]();
});

/** All that the other end says until it closes the connection. */
async function until(socket: Socket): Promise<string> {
  let text = "";
  socket.on("error", () => undefined);
  socket.setEncoding("latin1").on("data", (part: string) => (text += part));
  // Not by once(), which a connection that is reset would make fail.
  await new Promise((resolve) => socket.once("close", resolve));
  return text;
}

const soon = { headersMs: 300, requestMs: 600, idleMs: 300, handshakeMs: 300, checkMs: 50, tlsCheckMs: 50 };

describe("a connection", () => {
  it("on which nothing comes is closed", async () => {
    await open({ patience: soon });
    expect(await until(connect(portOf(), "127.0.0.1"))).toMatch(/^$|^HTTP\/1\.1 408/);
  });

  it("whose headers come drop by drop is closed", async () => {
    await open({ patience: soon });
    const socket = connect(portOf(), "127.0.0.1");
    socket.write("GET /livez HTTP/1.1\r\nHost: x\r\n");
    const drip = setInterval(() => socket.write("X-A: b\r\n"), 20);
    const text = await until(socket);
    clearInterval(drip);
    expect(text === "" || text.startsWith("HTTP/1.1 408")).toBe(true);
  });

  it("whose body comes drop by drop is closed", async () => {
    await open({ patience: soon });
    const socket = connect(portOf(), "127.0.0.1");
    socket.write("POST /api/v1/agents/enrol HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n");
    const drip = setInterval(() => socket.write("x"), 20);
    const text = await until(socket);
    clearInterval(drip);
    expect(text.includes("HTTP/1.1 200")).toBe(false);
  });

  it("is kept between two requests, and not for ever", async () => {
    await open({ patience: { idleMs: 500, checkMs: 50 } });
    const socket = connect(portOf(), "127.0.0.1");
    socket.write("GET /livez HTTP/1.1\r\nHost: x\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
    const text = await until(socket);
    expect(text.match(/HTTP\/1\.1 200/g)?.length).toBe(2);
    expect(text).toContain("Keep-Alive: timeout=");
  });

  it("with more headers than anybody needs is refused", async () => {
    await open();
    const socket = connect(portOf(), "127.0.0.1");
    socket.write(`GET /livez HTTP/1.1\r\nHost: x\r\nX-A: ${"b".repeat(20_000)}\r\n\r\n`);
    expect(await until(socket)).toMatch(/^HTTP\/1\.1 431/);
  });

  it("too many is closed, and those that there are go on", async () => {
    await open({ connections: 2 });
    const held = [connect(portOf(), "127.0.0.1"), connect(portOf(), "127.0.0.1")];
    for (const socket of held) {
      socket.setEncoding("latin1").write("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
      expect(String(await once(socket, "data"))).toMatch(/^HTTP\/1\.1 200/);
    }
    expect(await until(connect(portOf(), "127.0.0.1"))).toBe("");
    expect(logged(/limits\.connections/).length).toBe(1);
    held[0]!.write("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(String(await once(held[0]!, "data"))).toMatch(/^HTTP\/1\.1 200/);
    held[1]!.destroy();
    await waitFor("a free place", async () => (await fetch(`${door.address}/livez`)).ok, { everyMs: 20 });
    held[0]!.destroy();
  });

  it("of one address has half of the places, and the others are left for others", async () => {
    await open({ connections: 6, isShared: (address) => address !== "127.0.0.1" });
    const held = Array.from({ length: 3 }, () => connect(portOf(), "127.0.0.1"));
    for (const socket of held) {
      socket.setEncoding("latin1").write("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
      expect(String(await once(socket, "data"))).toMatch(/^HTTP\/1\.1 200/);
    }
    expect(await until(connect(portOf(), "127.0.0.1"))).toBe("");
    expect(await until(connect(portOf(), "127.0.0.1"))).toBe("");
    expect(logged(/one address/).map(({ fields }) => fields)).toEqual([{ address: "127.0.0.1", most: 3 }]);
    const other = connect({ port: portOf(), host: "127.0.0.1", localAddress: "127.0.0.2" });
    other.setEncoding("latin1").write("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(String(await once(other, "data"))).toMatch(/^HTTP\/1\.1 200/);
    other.destroy();
    for (const socket of held) socket.destroy();
    await waitFor(
      "a free place",
      () =>
        fetch(`${door.address}/livez`).then(
          ({ ok }) => ok,
          () => false,
        ),
      { everyMs: 20 },
    );
  });

  it("in the clear says nothing of TLS to come", async () => {
    await open();
    expect((await fetch(`${door.address}/livez`)).headers.get("Strict-Transport-Security")).toBeNull();
  });
});

describe.skipIf(missing !== null)(`HTTPS${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  let authority: Authority;
  let first: Authority;
  let second: Authority;
  let expired: Authority;
  const files = () => ({ cert: dir.file("cert.pem"), key: dir.file("key.pem") });

  beforeAll(async () => {
    authority = await makeAuthority("Otoritas Uji");
    const host = { ip: "127.0.0.1" };
    first = await issue(authority, { host, name: "first", days: 10 });
    second = await issue(authority, { host, name: "second", days: 10 });
    expired = await issue(authority, { host, name: "expired", days: -1 });
  }, 60_000);

  /** As a program for certificates does it: each file in one step. */
  function put(name: string, text: string): void {
    writeFileSync(dir.file(`${name}.new`), text);
    renameSync(dir.file(`${name}.new`), dir.file(name));
  }

  const putPair = ({ cert, key }: Authority) => {
    put("cert.pem", cert);
    put("key.pem", key);
  };

  interface Answer {
    status: number;
    headers: Record<string, unknown>;
    /** Common name of the server's certificate. */
    name: string;
    body: string;
  }

  const ask = (path: string, options: RequestOptions = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const how = { ca: authority.cert, agent: false as const, ...options };
      const outgoing = request(`${door.address}${path}`, how, (answer) => {
        const subject = (answer.socket as TLSSocket).getPeerCertificate().subject;
        let body = "";
        answer.setEncoding("utf8").on("data", (part: string) => (body += part));
        answer.on("error", reject);
        answer.on("end", () =>
          resolve({ status: answer.statusCode!, headers: answer.headers, name: String(subject?.CN), body }),
        );
      });
      outgoing.on("error", reject);
      outgoing.end();
    });

  it("is served with the files, from TLS 1.2 on, and promises to stay", async () => {
    putPair(first);
    await open({ tls: { ...files(), requireClientCert: "none" } });
    expect(door.address).toMatch(/^https:/);
    const answer = await ask("/livez");
    expect([answer.status, answer.name, answer.body]).toEqual([200, "first", "ok\n"]);
    expect(answer.headers["strict-transport-security"]).toBe("max-age=31536000");
    const tryTls = (version: SecureVersion) =>
      new Promise<string | null>((resolve, reject) => {
        // The client's own floor and security level would keep it from even trying.
        const how = { minVersion: version, maxVersion: version, ciphers: "DEFAULT@SECLEVEL=0" };
        const socket = connectTls({ port: portOf(), host: "127.0.0.1", ca: authority.cert, ...how });
        socket.once("secureConnect", () => {
          resolve(socket.getProtocol());
          socket.destroy();
        });
        socket.once("error", reject);
      });
    await expect(tryTls("TLSv1.1")).rejects.toThrow(/protocol version|alert|unsupported/i);
    expect([await tryTls("TLSv1.2"), await tryTls("TLSv1.3")]).toEqual(["TLSv1.2", "TLSv1.3"]);
  });

  it("takes new files without dropping a connection", async () => {
    putPair(first);
    await open({ tls: { ...files(), requireClientCert: "none" }, patience: { tlsCheckMs: 20 } });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      const kept = { agent };
      expect((await ask("/livez", kept)).name).toBe("first");
      putPair(second);
      await waitFor("the new certificate", async () => (await ask("/livez")).name === "second", {
        everyMs: 20,
      });
      expect((await ask("/livez", kept)).name).toBe("first");
      expect(logged(/^new certificate$/).length).toBe(1);
    } finally {
      agent.destroy();
    }
  });

  it("stays with the old files where the new ones are of no use, and says so once", async () => {
    putPair(first);
    await open({ tls: { ...files(), requireClientCert: "none" }, patience: { tlsCheckMs: 20 } });
    const refused = /the old one stays in force/;
    const bad: [string, () => void, RegExp][] = [
      ["no certificate", () => put("cert.pem", "nothing"), /tls\.cert: .*cert\.pem cannot be used/],
      ["another's key", () => put("cert.pem", second.cert), /key\.pem is not the key of the certificate/],
      ["an expired one", () => putPair(expired), /cert\.pem has expired/],
      ["a key that is none", () => (putPair(first), put("key.pem", "x")), /tls\.key: .*cannot be used/],
    ];
    for (const [what, spoil, why] of bad) {
      spoil();
      const found = () => logged(refused).filter(({ fields }) => why.test(String(fields.why)));
      await waitFor(what, () => found().length > 0, { everyMs: 10 });
      door.reloadTls();
      door.reloadTls();
      expect([found().length, (await ask("/livez")).name]).toEqual([1, "first"]);
    }
    putPair(second);
    await waitFor("the good one", async () => (await ask("/livez")).name === "second", { everyMs: 20 });
  });

  it("does not start with files of no use, and names them", async () => {
    putPair(first);
    await open();
    const tls = (more: object) => ({ ...files(), ...more, requireClientCert: "none" as const });
    const start = (more: object) =>
      openDoor({
        host: "127.0.0.1",
        port: 0,
        connections: 10,
        isShared: () => true,
        tls: tls(more),
        fetch: () => new Response(),
        nowMs: Date.now,
        logger: http.log as never,
      });
    await expect(start({ key: dir.file("none.pem") })).rejects.toThrow(
      /^tls\.key: .*none\.pem cannot be used: ENOENT/,
    );
    put("other.pem", second.key);
    await expect(start({ key: dir.file("other.pem") })).rejects.toThrow(/is not the key of the certificate/);
    await expect(start({ clientCa: dir.file("other.pem") })).rejects.toThrow(/^tls\.clientCa: /);
  });

  it("sends the certificates between, which `ca` has", async () => {
    const between = await issue(authority, { name: "Otoritas Antara", days: 10 });
    const leaf = await issue(between, { host: { ip: "127.0.0.1" }, name: "leaf", days: 10 });
    putPair(leaf);
    put("between.pem", between.cert);
    await open({ tls: { ...files(), ca: dir.file("between.pem"), requireClientCert: "none" } });
    expect((await ask("/livez")).name).toBe("leaf");
  });

  it("never tells what is in the files", async () => {
    await open();
    putPair(first);
    put("key.pem", second.key.replace(/^.{64}$/m, "A".repeat(64)));
    const secret = readFileSync(dir.file("key.pem"), "utf8").split("\n")[1]!;
    let message = "";
    try {
      readTlsFiles(files());
    } catch (error) {
      ({ message } = error as Error);
    }
    expect(message).toContain("tls.key");
    expect(message).not.toContain(secret.slice(0, 20));
  });

  describe("with certificates of clients", () => {
    let clients: Authority;
    let client: Authority;
    let stranger: Authority;

    beforeAll(async () => {
      clients = await makeAuthority("Otoritas Klien");
      client = await issue(clients, { name: "box", days: 10, host: { dns: "box" } });
      stranger = await issue(authority, { name: "stranger", days: 10, host: { dns: "stranger" } });
    }, 60_000);

    async function openFor(requireClientCert: "agents" | "all" | "none") {
      putPair(first);
      put("clients.pem", clients.cert);
      const tls = { ...files(), clientCa: dir.file("clients.pem"), requireClientCert };
      await open({ tls }, { agentsNeedCertificate: requireClientCert !== "none" });
    }

    const as = ({ cert, key }: Authority, bearer?: string): RequestOptions => ({
      cert,
      key,
      ...(bearer === undefined ? {} : { headers: { Authorization: `Bearer ${bearer}` } }),
    });
    const bearing = (bearer: string): RequestOptions => ({ headers: { Authorization: `Bearer ${bearer}` } });

    async function enrolledKey(): Promise<string> {
      const made = await http.post("/api/v1/agents/tokens", { site: "64.08.01" });
      const { data } = (await made.json()) as { data: { token: string } };
      const { key } = await http.ingest.enrol({ token: data.token, hardware: "t", version: "1" });
      return key;
    }

    it("lets agents in with one of them alone, and everybody else as before", async () => {
      await openFor("agents");
      const key = await enrolledKey();
      const config = "/api/v1/agent/config";
      expect((await ask(config, as(client, key))).status).toBe(200);
      for (const options of [bearing(key), as(stranger, key)]) {
        const answer = await ask(config, options);
        expect([answer.status, JSON.parse(answer.body).code]).toEqual([403, "auth.certificate"]);
      }
      expect((await ask(config, as(client))).status).toBe(401);
      const enrol = { ...as(stranger), method: "POST" };
      expect((await ask("/api/v1/agents/enrol", enrol)).status).toBe(403);
      expect((await ask("/api/v2/write", { ...bearing(key), method: "POST" })).status).toBe(403);
      expect((await ask("/api/v1/sites", bearing(http.readKey))).status).toBe(200);
      expect((await ask("/livez")).status).toBe(200);
    });

    it("lets nobody in without one where all have to show it", async () => {
      await openFor("all");
      expect((await ask("/livez", as(client))).status).toBe(200);
      await expect(ask("/livez")).rejects.toThrow(/certificate|alert|ECONNRESET|socket/i);
      await expect(ask("/livez", as(stranger))).rejects.toThrow(/certificate|alert|ECONNRESET|socket/i);
    });

    it("asks for none where none is needed", async () => {
      await openFor("none");
      expect((await ask("/api/v1/agent/config", bearing(await enrolledKey()))).status).toBe(200);
    });
  });
});
