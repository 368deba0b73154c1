import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";
import { SMTPServer } from "smtp-server";
import type { SMTPServerOptions } from "smtp-server";
import { describe, expect, it } from "vitest";
import type { EmailOptions } from "../../src/notify/email.ts";
import { createEmailChannel } from "../../src/notify/email.ts";
import { aMessage, anAlert, morningMs } from "./factories.ts";

const never = new AbortController().signal;
const down = aMessage(
  anAlert({ name: "Mekar <Baru>", url: "https://sambung.example/incidents/in_1?a=1&b=2" }),
);
const up = aMessage(anAlert({ type: "site.up", endMs: morningMs + 60_000 }), { id: "msg_other" });

interface Mail {
  from: string;
  to: string[];
  /** Header lines unfolded, names in lower case. */
  headers: Map<string, string>;
  raw: string;
}

async function mailServer(options: SMTPServerOptions = {}) {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    logger: false,
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("end", () => {
        const raw = Buffer.concat(parts).toString();
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? "" : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          headers: headersOf(raw),
          raw,
        });
        done();
      });
    },
    ...options,
  });
  server.on("error", () => {});
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  return {
    mails,
    port: (server.server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function headersOf(raw: string): Map<string, string> {
  const head = raw.slice(0, raw.indexOf("\r\n\r\n")).replace(/\r\n[ \t]+/g, " ");
  return new Map(
    head.split("\r\n").map((line) => {
      const at = line.indexOf(":");
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
}

const channelTo = (port: number, given: Partial<EmailOptions> = {}) =>
  createEmailChannel({
    id: "mail",
    host: "127.0.0.1",
    port,
    security: "none",
    from: "Sambung <sambung@kutaitimur.example>",
    to: "piket@kutaitimur.example",
    ...given,
  });

const refuse = (responseCode: number, message: string) => Object.assign(new Error(message), { responseCode });

describe("email", () => {
  it("sends text and HTML, marked as written by a machine", async () => {
    await using server = await mailServer();
    expect(await channelTo(server.port).deliver(down, never)).toEqual({ delivered: true });
    const [mail] = server.mails;
    expect(mail).toMatchObject({
      from: "sambung@kutaitimur.example",
      to: ["piket@kutaitimur.example"],
    });
    expect(mail!.headers.get("subject")).toBe("PUTUS - Mekar <Baru> (Busang)");
    expect(mail!.headers.get("auto-submitted")).toBe("auto-generated");
    expect(mail!.headers.get("content-type")).toContain("multipart/alternative");
    expect(Date.parse(mail!.headers.get("date")!)).toBe(down.createdMs);
    const body = mail!.raw.replace(/=\r\n/g, "").replace(/=3D/g, "=");
    expect(body).toContain("Sejak 09.10 WITA.");
    expect(body).toContain(
      '<h1 style="font-size:18px;margin:0 0 12px">PUTUS - Mekar &lt;Baru&gt; (Busang)</h1>',
    );
    expect(body).toContain('<a href="https://sambung.example/incidents/in_1?a=1&amp;b=2">');
  });

  it("makes one thread of an incident and of an alert, and the same Message-ID in every retry", async () => {
    await using server = await mailServer();
    const channel = channelTo(server.port);
    // The fault turned out to lie at the parent by the time it was over.
    const elsewhere = { ...up, incident: "in_parent" };
    for (const message of [down, down, elsewhere]) await channel.deliver(message, never);
    const ids = server.mails.map(({ headers }) => headers.get("message-id"));
    expect(ids).toEqual([`<${down.id}@kutaitimur.example>`, ids[0], "<msg_other@kutaitimur.example>"]);
    const alert = "<alert.64.08.05.2001-1772673000000-1772673060000@kutaitimur.example>";
    const incidents = ["in_1", "in_1", "in_parent"].map((id) => `<incident.${id}@kutaitimur.example>`);
    expect(server.mails.map(({ headers }) => headers.get("references"))).toEqual(
      incidents.map((incident) => `${incident} ${alert}`),
    );
    expect(new Set(server.mails.map(({ headers }) => headers.get("in-reply-to")))).toEqual(new Set([alert]));
  });

  it("does not let a name in the inventory write a header", async () => {
    await using server = await mailServer();
    await channelTo(server.port).deliver(aMessage(anAlert({ name: "Desa\r\nBcc: x@example.net" })), never);
    expect(server.mails[0]!.headers.has("bcc")).toBe(false);
    expect(server.mails[0]!.to).toEqual(["piket@kutaitimur.example"]);
  });

  it.each([
    [550, "no such mailbox", true],
    [451, "greylisted, come back later", false],
  ])("takes %i %s as a failure", async (code, said, permanent) => {
    await using server = await mailServer({ onRcptTo: (_to, _session, done) => done(refuse(code, said)) });
    const outcome = await channelTo(server.port).deliver(down, never);
    expect(outcome).toMatchObject({ delivered: false, permanent });
    expect(outcome).toHaveProperty("reason", expect.stringContaining(said));
  });

  it("authenticates, and takes a wrong password as something that can be mended", async () => {
    await using server = await mailServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, done) =>
        password === "right" ? done(null, { user: username }) : done(refuse(535, "wrong password")),
    });
    const as = (password: string) => channelTo(server.port, { auth: { user: "sambung", password } });
    expect(await as("right").deliver(down, never)).toEqual({ delivered: true });
    const outcome = await as("not-right").deliver(down, never);
    expect(outcome).toMatchObject({ delivered: false, permanent: false });
    expect(JSON.stringify(outcome)).not.toContain("not-right");
  });

  it("sends nothing in the clear when starttls is asked for and not offered", async () => {
    await using server = await mailServer();
    const outcome = await channelTo(server.port, { security: "starttls" }).deliver(down, never);
    expect(outcome).toMatchObject({ delivered: false, permanent: false });
    expect(server.mails).toEqual([]);
  });

  it("gives up on a server that never greets, and ends at once when the program stops", async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    expect(await channelTo(port, { timeoutMs: 100 }).deliver(down, never)).toMatchObject({
      delivered: false,
      permanent: false,
    });
    const stop = new AbortController();
    silent.once("connection", () => stop.abort());
    expect(await channelTo(port).deliver(down, stop.signal)).toMatchObject({ reason: "stopped" });
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it("refuses a sender without an address", () => {
    expect(() => channelTo(25, { from: "Sambung" })).toThrow("email mail: from: no address");
  });
});
