import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { SMTPServer } from "smtp-server";
import { describe, expect, it } from "vitest";
import type { ChannelConfig } from "../../src/notify/channel-config.ts";
import { createChatMoves } from "../../src/notify/chat-moves.ts";
import { createChannels } from "../../src/notify/create-channel.ts";
import { createFallbacks, createPlan, createSteps } from "../../src/notify/create-plan.ts";
import { createOutbox } from "../../src/notify/outbox.ts";
import { messageKey } from "../../src/notify/planner.ts";
import type { RoutingConfig } from "../../src/notify/route-config.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import { tempDir } from "../support/temp-dir.ts";
import { anAlert, anAlertRecord, morningMs } from "./factories.ts";

/* A mail server that puts off, refuses and takes, each address by itself, and the channels of one configured mail. */

const greylisted = "noc@kutaitimur.example";
const mistyped = "kadi@kutaitimur.example";
const well = "kadis@kutaitimur.example";

async function mailServer() {
  const got: string[] = [];
  let isKnown = false;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    logger: false,
    onRcptTo({ address }, _session, done) {
      const refuse = (responseCode: number, said: string) =>
        done(Object.assign(new Error(said), { responseCode }));
      if (address === mistyped) return refuse(550, "no such mailbox");
      if (address === greylisted && !isKnown) return refuse(451, "greylisted, come back later");
      return done();
    },
    onData(stream, { envelope }, done) {
      stream.resume().on("end", () => {
        got.push(...envelope.rcptTo.map(({ address }) => address));
        done();
      });
    },
  });
  server.on("error", () => {});
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  return {
    got,
    know: () => (isKnown = true),
    port: (server.server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

const mailTo = (port: number, to: string[]): ChannelConfig => ({
  id: "mail",
  kind: "email",
  host: "127.0.0.1",
  port,
  security: "none",
  user: undefined,
  password: undefined,
  from: "sambung@kutaitimur.example",
  to,
  language: "id",
});

describe("a mail to several addresses", () => {
  it("reaches each by itself: one that is put off gets it later, one that is refused is seen", async () => {
    using dir = tempDir();
    await using server = await mailServer();
    const stores = openSqlite(dir.file("sambung.db"));
    const { state } = stores;
    const clock = { nowMs: morningMs };
    const config = mailTo(server.port, [greylisted, `Kepala Dinas <${well}>`, mistyped]);
    const deps = {
      timeZone: "Asia/Makassar",
      state,
      now: () => clock.nowMs,
      ackUrlOf: () => () => null,
      chatMoves: createChatMoves(state),
    };
    const channels = createChannels(config, deps);
    const outbox = createOutbox({
      state,
      channels,
      now: () => clock.nowMs,
      random: () => 0.5,
      logger: pino({ level: "silent" }),
    });
    const payload = anAlert({ alert: "a", incident: "in_1" });
    const messages = channels.map(({ id: channel }) => ({
      dedupeKey: messageKey("a", "problem", channel),
      channel,
      type: payload.type,
      alert: "a",
      incident: "in_1",
      payload,
      createdMs: clock.nowMs,
      nextTryMs: clock.nowMs,
    }));
    await state.writeWatch({ outages: [], states: [], alerts: [anAlertRecord({ id: "a" })], messages });
    await outbox.drain();
    expect(server.got).toEqual([well]);
    server.know();
    clock.nowMs += 60_000;
    await outbox.drain();
    expect(server.got).toEqual([well, greylisted]);
    const rows = await state.messages({ limit: 10 });
    expect(new Map(rows.map(({ channel, sentMs, lastError }) => [channel, sentMs ?? lastError]))).toEqual(
      new Map<string, unknown>([
        [`mail/${well}`, morningMs],
        [`mail/${greylisted}`, clock.nowMs],
        [`mail/${mistyped}`, expect.stringContaining("no such mailbox")],
      ]),
    );
    stores.close();
  });

  it("goes to all of them where it was queued for the channel as a whole", async () => {
    using dir = tempDir();
    await using server = await mailServer();
    const { state, close } = openSqlite(dir.file("sambung.db"));
    const config = mailTo(server.port, [well, "noc@b.id"]);
    const deps = {
      timeZone: "Asia/Makassar",
      state,
      now: () => morningMs,
      ackUrlOf: () => () => null,
      chatMoves: createChatMoves(state),
    };
    const outbox = createOutbox({
      state,
      channels: createChannels(config, deps),
      fallbacks: createFallbacks({ channels: [config], fallbacks: {} } as unknown as RoutingConfig),
      now: () => morningMs,
      random: () => 0.5,
      logger: pino({ level: "silent" }),
    });
    const alert = { type: "site.down", alert: "a", incident: "in_1", payload: anAlert({ alert: "a" }) };
    const message = { ...alert, dedupeKey: messageKey("a", "problem", "mail"), channel: "mail" };
    const messages = [{ ...message, createdMs: morningMs, nextTryMs: morningMs }];
    await state.writeWatch({ outages: [], states: [], alerts: [anAlertRecord({ id: "a" })], messages });
    await outbox.drain();
    await outbox.drain();
    expect(server.got.sort()).toEqual([well, "noc@b.id"]);
    close();
  });

  it("is a way for each of them in routes, steps and fall-overs", () => {
    const hook = { id: "hook", kind: "webhook", url: "https://hook.example", secrets: [] } as const;
    const alerts = {
      channels: [mailTo(25, ["Satu <A@b.id>", "a@B.id", "c@b.id"]), { ...hook, secrets: [] }],
      routes: [{ to: ["hook", "mail"], severity: "low", quiet: true }],
      quiet: null,
      budget: 6,
      escalation: [{ afterMin: 15, to: ["mail"], severity: "low" }],
      fallbacks: { hook: "mail", mail: "hook" },
    } as unknown as RoutingConfig;
    const members = ["mail/a@b.id", "mail/c@b.id"];
    expect(createPlan(alerts, []).routes[0]!.to).toEqual(["hook", ...members]);
    expect(createSteps(alerts)[0]!.to).toEqual(members);
    expect(createFallbacks(alerts)).toEqual(
      new Map([
        ["mail", members],
        ["hook", members],
        ["mail/a@b.id", ["hook"]],
        ["mail/c@b.id", ["hook"]],
      ]),
    );
  });
});
