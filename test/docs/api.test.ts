import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApp } from "../../src/app.ts";
import type { App } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { readInventory } from "../../src/inventory/read-inventory.ts";
import { seriesMetrics } from "../../src/report/reader.ts";
import { tempDir } from "../support/temp-dir.ts";
import { commandsOf, namesIn, readDocument, readDocuments, rowsOf, spansOf } from "./documents.ts";

/* The addresses and metrics that the documents name, held against a real collector. */

type Operation = { parameters?: { name: string; in: string }[] };
type Paths = Record<string, Record<string, Operation>>;

const nowMs = Date.parse("2026-11-22T12:00:00Z");
const dir = tempDir();
let app: App;
let paths: Paths;

async function get(path: string): Promise<string> {
  const response = await app.fetch(new Request(`http://127.0.0.1${path}`));
  expect(response.status).toBe(200);
  return response.text();
}

beforeAll(async () => {
  const config = readConfig({ SAMBUNG_DATA: dir.path }, dir.path);
  const env = { SAMBUNG_DOOR: "http://127.0.0.1:8080/livez" };
  app = createApp(config, {
    logger: pino({ level: "silent" }),
    now: () => nowMs,
    random: () => 0.5,
    readInventory: () => readInventory(config.inventory, env),
    version: "0.0.0",
  });
  paths = (JSON.parse(await get("/openapi.json")) as { paths: Paths }).paths;
});

afterAll(async () => {
  await app.stop();
  dir[Symbol.dispose]();
});

/** The operation behind an address as a document gives it: with values, or with {names}. */
function operationOf(method: string, path: string): Operation | null {
  const named = Object.keys(paths).find((template) => {
    const pattern = template.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+");
    return new RegExp(`^${pattern}$`).test(path);
  });
  const exact = paths[path] === undefined ? named : path;
  return exact === undefined ? null : (paths[exact]![method.toLowerCase()] ?? null);
}

describe("requests in the documents", () => {
  const requests = readDocuments()
    .flatMap(commandsOf)
    .flatMap((line) => {
      const address = /"\$SAMBUNG_URL(\/[^"]*)"/.exec(line)?.[1];
      const method = /--request (\w+)/.exec(line)?.[1] ?? (line.includes("--data") ? "POST" : "GET");
      return address === undefined ? [] : [{ method, address }];
    });

  it("are found", () => {
    expect(requests.length).toBeGreaterThan(20);
  });

  it.each(requests)("$method $address is possible", ({ method, address }) => {
    const [path, query] = address.split("?");
    const operation = operationOf(method, path!);
    expect(operation).not.toBeNull();
    const known = (operation!.parameters ?? []).filter((each) => each.in === "query").map(({ name }) => name);
    const asked = [...new URLSearchParams(query ?? "").keys()];
    expect(asked.filter((name) => !known.includes(name))).toEqual([]);
  });
});

it("finds every path that is named in prose", () => {
  const named = readDocuments()
    .flatMap(spansOf)
    .flatMap(
      (span) => /^(?:(GET|POST|DELETE) )?(\/(?:api\/v1\/[a-z]|livez|readyz|openapi)\S*)$/.exec(span) ?? [],
    )
    .filter((part) => part?.startsWith("/"));
  expect(named.length).toBeGreaterThan(5);
  const methods = ["get", "post", "delete"];
  expect(named.filter((path) => methods.every((method) => operationOf(method, path) === null))).toEqual([]);
});

describe("docs/metrics.md", () => {
  const names = rowsOf(readDocument("docs/metrics.md")).map(([name]) => namesIn(name!)[0]!);

  it("lists the metrics that the collector has, and no others", async () => {
    const text = await get("/metrics");
    const own = [...text.matchAll(/^# TYPE (\S+)/gm)]
      .map((match) => match[1]!)
      .filter((name) => !/^(process|nodejs)_/.test(name));
    expect(own.toSorted()).toEqual(names.toSorted());
  });

  it("gives them the labels that they have", async () => {
    const text = await get("/metrics");
    const state = /^sambung_site_state\{(.*)\} /m.exec(text)?.[1] ?? "";
    expect([...state.matchAll(/(\w+)=/g)].map((match) => match[1])).toEqual(["site", "state"]);
  });
});

it("lists the metrics of /series in docs/api.md", () => {
  const spans = spansOf(readDocument("docs/api.md"));
  expect(seriesMetrics.filter((name) => !spans.includes(name))).toEqual([]);
});
