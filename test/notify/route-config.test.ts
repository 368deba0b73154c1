import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/config.ts";
import { ConfigError } from "../../src/config/read-yaml.ts";
import { shippedInventory } from "../../src/inventory/starter.ts";
import { readInventory } from "../../src/inventory/read-inventory.ts";
import { checkRoutes } from "../../src/notify/check-routes.ts";
import { createPlan } from "../../src/notify/create-plan.ts";
import { tempDir } from "../support/temp-dir.ts";

const secret = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
const channels = `  channels:
    - {id: hook, kind: webhook, url: "https://x.test/", secrets: [${secret}]}
    - {id: chat, kind: telegram, token: "1:a", chatId: "1"}
    - {id: phone, kind: ntfy, url: "https://n.test", topic: a}
`;

function alertsOf(more: string) {
  using dir = tempDir();
  writeFileSync(dir.file("sambung.yaml"), `alerts:\n${channels}${more}`);
  return readConfig({}, dir.path).alerts;
}

function mistakesOf(more: string): string {
  try {
    alertsOf(more);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message.replace(/^\S*\/(?=sambung\.yaml)/gm, "");
  }
  return "";
}

describe("alerts.routes and what belongs to it", () => {
  it.each([
    ["  routes: []\n", "sambung.yaml:6 alerts.routes: [] is not allowed; expected at least one route"],
    ["  routes: [{}]\n", "alerts.routes[0].to: nothing is not allowed"],
    [
      "  routes: [{to: [chat, mail]}]\n",
      'sambung.yaml:6 alerts.routes[0].to[1]: "mail" is not allowed; expected one of hook, chat, phone',
    ],
    [
      "  routes: [{to: [chat], severity: bad}]\n",
      'alerts.routes[0].severity: "bad" is not allowed; expected one of low, medium, high, critical',
    ],
    [
      '  routes: [{to: [chat], hours: {from: "7:30", to: "16:00"}}]\n',
      'alerts.routes[0].hours.from: "7:30" is not allowed; expected a time such as 07:30',
    ],
    [
      '  routes: [{to: [chat], hours: {from: "07:30", to: "16:00", days: [monday]}}]\n',
      'alerts.routes[0].hours.days[0]: "monday" is not allowed; expected one of mon, tue',
    ],
    [
      '  routes: [{to: [chat], area: ["64.08"]}]\n',
      'alerts.routes[0].area: "area" is not allowed; expected one of the keys',
    ],
    ['  quiet: {from: "21:00"}\n', "alerts.quiet.to: nothing is not allowed; expected a time"],
    ["  budget: 1\n", "alerts.budget: 1 is not allowed; expected a whole number from 2 to 100"],
    [
      "  escalation: [{afterMin: 0, to: [chat]}]\n",
      "alerts.escalation[0].afterMin: 0 is not allowed; expected whole minutes from 1 to 10080",
    ],
    ["  escalation: [{afterMin: 5, to: [boss]}]\n", 'alerts.escalation[0].to[0]: "boss" is not allowed'],
    ["  fallbacks: {chat: mail}\n", 'alerts.fallbacks.chat: "mail" is not allowed; expected one of'],
    ["  fallbacks: {chat: phone, phone: chat}\n", "expected a channel from which no fallback leads back"],
    ["  fallbacks: {chat: chat}\n", "expected a channel from which no fallback leads back"],
    ["  fallbacks: {chat: hook}\n", "expected a channel for people, as the first is"],
    [
      "  conditions: {silentMin: 1}\n",
      "alerts.conditions.silentMin: 1 is not allowed; expected a whole number from 5",
    ],
    [
      '  quiet: {from: "21:00", to: "06:00"}\n  digestAt: "02:00"\n',
      'alerts.digestAt: "02:00" is not allowed; expected a time outside of quiet hours, which last from 21:00 to 06:00',
    ],
    [
      '  quiet: {from: "12:00", to: "13:00"}\n  digestAt: "12:00"\n',
      'alerts.digestAt: "12:00" is not allowed',
    ],
    [
      '  quiet: {from: "07:00", to: "07:00"}\n',
      'alerts.quiet.to: "07:00" is not allowed; expected another time than quiet.from: the whole day would be quiet',
    ],
    ["  ack: {linkHours: 0}\n", "alerts.ack.linkHours: 0 is not allowed; expected whole hours"],
  ])("refuses %j", (text, message) => {
    expect(mistakesOf(text)).toContain(message);
  });

  it("tells everything to every channel when nothing is said", () => {
    const hook = { id: "hook", isMachine: true, deliver: () => Promise.reject(new Error()) };
    const chat = { id: "chat", deliver: () => Promise.reject(new Error()) };
    expect(createPlan(alertsOf(""), [hook, chat])).toEqual({
      routes: [{ to: ["hook", "chat"], severity: "low", quiet: true }],
      machines: new Set(["hook"]),
      quiet: null,
      budget: 6,
      digestMin: 420,
    });
  });

  it("tells the digest when quiet hours end, and makes whole days of those that are named", () => {
    const text = '  quiet: {from: "21:00", to: "06:00", wholeDays: [sun, holiday]}\n';
    const plan = createPlan(alertsOf(text), []);
    expect(plan.digestMin).toBe(360);
    expect(plan.quiet!.passes).toBe("critical");
    expect(
      plan.quiet!.hours.map(({ fromMin, toMin, days, holidays }) => [fromMin, toMin, days.length, holidays]),
    ).toEqual([
      [1260, 360, 7, "as-usual"],
      [0, 0, 1, "as-usual"],
      [0, 0, 7, "only"],
    ]);
    expect(createPlan(alertsOf(`${text}  digestAt: "07:15"\n`), []).digestMin).toBe(435);
  });

  it("refuses areas and providers that the inventory has not", () => {
    const inventory = readInventory(
      shippedInventory,
      { SAMBUNG_DOOR: "http://127.0.0.1:8080/livez" },
      "Asia/Makassar",
    );
    const check = (text: string) => () => checkRoutes(alertsOf(text), inventory);
    expect(check('  routes: [{to: [chat], areas: ["64.08.05"]}]\n')).not.toThrow();
    expect(check('  routes: [{to: [chat], areas: ["64.08", "64.09"], providers: [Telkon]}]\n')).toThrow(
      /^alerts\.routes\[0\]\.areas\[1\]: "64\.09" is not allowed; expected a code of sites\.csv\nalerts\.routes\[0\]\.providers\[0\]: "Telkon" is not allowed; expected a provider of links\.yaml: /,
    );
  });
});
