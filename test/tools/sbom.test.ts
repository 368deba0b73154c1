import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { root } from "../docs/documents.ts";

interface Bill {
  bomFormat: string;
  metadata: { component: { "bom-ref": string } };
  components: {
    name: string;
    version: string;
    hashes?: unknown[];
    properties?: { name: string; value: string }[];
  }[];
}

/** Beside what is shipped the bill has what it is tested with, marked. npm's `--omit dev` leaves out too much. */
it("the bill of materials has every package with its hash, made without a network", async () => {
  // Nobody listens there: whatever would be fetched could not be.
  const env = { ...process.env, npm_config_registry: "http://127.0.0.1:9/", npm_config_offline: "true" };
  const run = promisify(execFile);
  const { stdout } = await run("npm", ["run", "--silent", "sbom"], { cwd: root, env, maxBuffer: 1e8 });
  const bill = JSON.parse(stdout) as Bill;
  expect(bill.bomFormat).toBe("CycloneDX");
  // npm puts the folder's name where that of the package should stand; the reference has it.
  expect(bill.metadata.component["bom-ref"]).toMatch(/^sambung@\d/);
  const lock = JSON.parse(readFileSync(`${root}/package-lock.json`, "utf8")) as {
    packages: Record<string, { version: string; dev?: boolean }>;
  };
  const locked = Object.entries(lock.packages).flatMap(([path, { version, dev = false }]) =>
    path === "" || dev ? [] : [`${path.replace(/^.*node_modules\//, "")}@${version}`],
  );
  const isShipped = ({ properties = [] }: Bill["components"][number]) =>
    !properties.some(({ name }) => name === "cdx:npm:package:development");
  const shipped = bill.components.filter(isShipped).map(({ name, version }) => `${name}@${version}`);
  expect(shipped.toSorted()).toEqual(locked.toSorted());
  expect(shipped.length).toBeGreaterThan(20);
  expect(bill.components.filter(({ hashes = [] }) => hashes.length === 0)).toEqual([]);
}, 60_000);
