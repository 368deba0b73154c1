import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { byTag, exampleOf } from "../../src/pages/api-document.ts";
import type { ApiDocument } from "../../src/pages/api-document.ts";
import { createApiPages } from "../../src/pages/create-api-pages.ts";
import { createConformance } from "../support/conforms.ts";
import { nowMs, openTestHttp } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";

let http: TestHttp;
let document: ApiDocument;
let sections: Map<string, string>;
let overview: string;
const pages = createApiPages({
  document: async () => document,
  now: () => nowMs,
  timeZone: "Asia/Makassar",
  services: () => [],
  version: "0",
});
const read = async (path: string) => {
  const response = await pages.request(path);
  // A long address may break; a test reads it whole.
  return { response, text: (await response.text()).replaceAll("<wbr>", "") };
};

const sectionOf = (tag: string, anchor: string) =>
  sections
    .get(tag)!
    .split("<section ")
    .find((part) => part.startsWith(`id="${anchor}"`))!;

beforeAll(async () => {
  http = await openTestHttp();
  document = await http.get<ApiDocument>("/openapi.json");
  overview = (await read("/docs")).text;
  const tags = [...byTag(document).keys()];
  const texts = await Promise.all(tags.map(async (tag) => (await read(`/docs?bagian=${tag}`)).text));
  sections = new Map(tags.map((tag, at) => [tag, texts[at]!]));
});
afterAll(() => http[Symbol.dispose]());

describe("the page with the API's documentation", () => {
  it("has every operation, and a section for each link", () => {
    const operations = Object.entries(document.paths).flatMap(([path, of]) =>
      Object.keys(of).map((verb) => `${verb.toUpperCase()} ${path}`),
    );
    expect(operations.length).toBeGreaterThan(60);
    for (const name of operations) expect(overview).toContain(`<code class="address">${name}</code>`);
    const links = [...overview.replaceAll("&#39;", "'").matchAll(/href="\/docs\?bagian=([^"#]+)#([^"]+)"/g)];
    expect(links).toHaveLength(operations.length);
    for (const [, tag, anchor] of links)
      expect(sections.get(decodeURIComponent(tag!)), `${tag} ${anchor}`).toContain(`id="${anchor}"`);
  });

  it("begins with what most come for, and has addresses of one thing together", () => {
    const tags = [...overview.matchAll(/<h2><a href="\/docs\?bagian=([^"]+)"/g)].map(([, tag]) =>
      decodeURIComponent(tag!.replaceAll("&#39;", "'")),
    );
    expect(tags.slice(0, 2)).toEqual(["sites", "outages"]);
    expect(tags.at(-1)).toBe("agents' own");
    expect(new Set(tags)).toEqual(new Set(byTag(document).keys()));
    for (const entries of byTag(document).values()) {
      const paths = entries.map(({ path }) => path);
      expect(paths).toEqual(paths.toSorted());
    }
  });

  it("says which scope a key needs, and shows code as code", () => {
    expect(sectionOf("sla", "post-api-v1-sla-issues")).toContain("lingkup <code>admin</code>");
    expect(sectionOf("sla", "get-api-v1-sla")).toContain("lingkup <code>read</code>");
    expect(sectionOf("complaints", "post-api-v1-complaints")).toContain("lingkup <code>complaints</code>");
    expect(overview).toContain("Take the note <code>inconsistent</code> from");
    for (const text of [overview, ...sections.values()])
      expect([...text.replaceAll(/<pre>.*?<\/pre>/gs, "").matchAll(/.{20}`/g)].map(String)).toEqual([]);
  });

  it("describes every parameter, status and shape, whose links all lead somewhere", () => {
    for (const [tag, text] of sections) {
      const anchors = new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
      const links = [...text.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
      expect(
        links.filter((id) => !anchors.has(id) && id !== "isi"),
        tag,
      ).toEqual([]);
    }
    const partners = sections.get("partners")!;
    expect(partners).toContain("POST /api/v1/partner/outages/{id}/comments");
    expect(partners).toContain("<code>idempotency-key</code> wajib");
    expect(partners).toContain("shape-PartnerOutage");
    expect(partners).toContain("Kunci penyedia");
    expect(sections.get("TMF642")).toContain("/tmf-api/alarm/v4/alarm");
  });

  it("tells each field of a body and of an answer, which are needed, and what they are held to", () => {
    const rowOf = (anchor: string, field: string) =>
      new RegExp(`<code>${field.replaceAll(".", "(?:<wbr>)?\\.")}</code>.*?</tr>`, "s")
        .exec(sectionOf("partners", anchor))?.[0]
        .replaceAll(/<[^>]+>|\s+/g, " ")
        .replaceAll(/ +/g, " ");
    const hook = "post-api-v1-partner-webhooks";
    expect(rowOf(hook, "url")).toMatch(/^ ?url wajib string Where messages go: https/);
    expect(rowOf(hook, "types")).toContain("array of &quot;outage.opened&quot; | &quot;outage.updated&quot;");
    expect(rowOf(hook, "secret")).toContain("Standard Webhooks: whsec_ and base64");
    expect(rowOf(hook, "data.secret")).toContain("wajib string");
    const ticket = "put-api-v1-partner-outages-id-ticket";
    expect(rowOf(ticket, "number")).toContain("1 to 100 characters.");
    expect(rowOf(ticket, "status")).toContain("&quot;inProgress&quot;");
    expect(rowOf(ticket, "start")).toContain("When it began by your account");
    expect(rowOf(ticket, "description")).toContain("1 to 2000 characters. Default: null");
    expect(rowOf("get-api-v1-partner-outages", "meta.nextCursor")).toContain("for the next look");
    expect(sectionOf("partners", "get-api-v1-partner-outages")).toContain("<code>Link</code>");
  });

  it("tells what is sent to webhooks and callbacks, with its header fields", () => {
    const messages = sectionOf("partners", "messages");
    for (const type of ["outage.opened", "outage.ended", "webhook.test"])
      expect(messages).toContain(`<code>${type}</code>`);
    expect(messages).toContain("<code>webhook-signature</code> wajib");
    expect(messages).toContain("#shape-PartnerOutageMessage");
    expect(sectionOf("TMF642", "messages")).toContain("#shape-TmfAlarmNotification");
    expect(overview).toContain("<code>Retry-After</code>: Seconds to wait.");
  });

  it("fetches nothing, runs nothing, and keeps the shape of its examples", async () => {
    const { response } = await read("/docs?bagian=partners");
    expect(response.headers.get("Content-Security-Policy")).toContain("default-src 'none'");
    for (const text of [overview, ...sections.values()]) {
      expect(text).not.toMatch(/<script|src="|https?:\/\/(?!www\.w3\.org|[^"<]*example)/);
      expect(Buffer.byteLength(text)).toBeLessThan(400_000);
    }
    expect(sections.get("partners")).toContain('{&#10;  "');
  });

  it("speaks English where it is asked to, and knows no other section", async () => {
    const { text } = await read("/docs?bagian=partners&lang=en");
    expect(text).toContain("A provider&#39;s key");
    expect(text).toContain('<html lang="en">');
    expect(text).toContain('href="/docs?lang=en"');
    const { response } = await read("/docs?bagian=nothing");
    expect(response.status).toBe(404);
  });

  it("shows examples that are as documented", () => {
    const { checkExample } = createConformance(document as never);
    const wrong: string[] = [];
    let shown = 0;
    for (const [path, operations] of Object.entries(document.paths))
      for (const [verb, { responses }] of Object.entries(operations)) {
        const [status, answer] = Object.entries(responses).find(([code]) => code.startsWith("2")) ?? [];
        const schema = answer?.content?.["application/json"]?.schema;
        if (schema === undefined) continue;
        shown += 1;
        try {
          checkExample(verb.toUpperCase(), path, status!, exampleOf(document, schema));
        } catch (error) {
          wrong.push((error as Error).message);
        }
      }
    expect(shown).toBeGreaterThan(40);
    expect(wrong).toEqual([]);
  });
});
