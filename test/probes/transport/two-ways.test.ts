import { describe, expect, it } from "vitest";
import { needs } from "../../support/needs.ts";
import { waitFor } from "../../support/wait-for.ts";
import { anyway, createWireNet, farAddress, nearAddress } from "./wire-net.ts";
import type { LinkName, Said, Speaker } from "./wire-net.ts";

const missing = needs({ root: true, commands: ["ip", "sysctl"] });

/** Says something every now and then until it has come the way that is meant; each time it must be answered. */
async function until(speaker: Speaker, what: string, isThere: (said: Said) => boolean): Promise<Said> {
  return waitFor(
    what,
    async () => {
      const said = await speaker.say(500, 100);
      expect(said).toMatchObject({ status: 200 });
      await speaker.rest(60_000);
      return isThere(said) ? said : null;
    },
    { everyMs: 100, timeoutMs: 60_000 },
  );
}

const server = (address: string) => `http://${address}:8080`;
const agent = { userAgent: "sambung-agent/1.2.3", connectTimeoutMs: 1_000, holdMs: 500 };

const ways = [
  {
    by: "addresses of the collector",
    options: { server: [server(farAddress("first")), server(farAddress("second"))] },
    nameOf: (link: LinkName) => server(farAddress(link)),
  },
  {
    by: "local addresses",
    options: { server: server(anyway), via: [nearAddress("first"), nearAddress("second")] },
    nameOf: (link: LinkName) => `${server(anyway)} via ${nearAddress(link)}`,
  },
  {
    by: "interfaces",
    options: { server: server(anyway), via: ["first", "second"] },
    nameOf: (link: LinkName) => `${server(anyway)} via ${link}`,
  },
];

describe.skipIf(missing !== null)(`two uplinks${missing ? ` (skipped: ${missing})` : ""}`, () => {
  it.each(ways)(
    "by $by: takes the second with the very request that the first fails, and goes back",
    { timeout: 180_000 },
    async ({ options, nameOf }) => {
      await using net = createWireNet();
      await net.serve({ port: 8_080 });
      const speaker = await net.speak({ ...agent, ...options });
      expect(await speaker.say(500, 100)).toMatchObject({ status: 200, way: nameOf("first") });
      expect(net.counters("second").sent).toBe(0);

      // The cable stays, what is behind it is gone: nobody tells the agent.
      net.ip("collector", "link", "set", "first", "down");
      expect(await speaker.say(500, 100)).toMatchObject({ status: 200, way: nameOf("second") });
      const before = net.counters("second").sent;
      await until(speaker, "some requests by the second", () => net.counters("second").sent > before + 3_000);

      net.ip("collector", "link", "set", "first", "up");
      await until(speaker, "the first again", ({ way }) => way === nameOf("first"));
      // The connection by the second is not kept for nothing.
      const after = net.counters("second").sent;
      await until(speaker, "some requests by the first", () => net.counters("first").sent > 20_000);
      expect(net.counters("second").sent).toBeLessThan(after + 500);
    },
  );

  it("says that an interface is not there, and takes the other", { timeout: 60_000 }, async () => {
    await using net = createWireNet();
    await net.serve({ port: 8_080 });
    const alone = await net.speak({ ...agent, server: server(anyway), via: ["wwan0"] });
    expect((await alone.say(1, 1)).error).toMatch(/there is no interface wwan0/);
    const both = await net.speak({ ...agent, server: server(anyway), via: ["wwan0", "second"] });
    expect(await both.say(1, 1)).toMatchObject({ status: 200, way: `${server(anyway)} via second` });
  });
});
