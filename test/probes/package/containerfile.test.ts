import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { archiveName } from "../../../probes/package/archive.ts";

const file = fileURLToPath(new URL("../../../probes/package/Containerfile", import.meta.url));

interface Instruction {
  name: string;
  value: string;
}

/** Comments away, continued lines joined: what a builder reads. */
function instructionsOf(text: string): Instruction[] {
  const lines = text
    .replaceAll(/^\s*#.*\n/gm, "")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n");
  return lines
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [, name, value] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new Error(`${line} is no instruction`);
      return { name, value };
    });
}

/* No image is built here: there is no builder on a test machine. What can be read off the file is. */
describe("the container file", () => {
  const all = instructionsOf(readFileSync(file, "utf8"));
  const stages = all.filter(({ name }) => name === "FROM");
  const last = all.slice(all.lastIndexOf(stages.at(-1)!));
  const valueOf = (name: string) => last.filter((one) => one.name === name).map(({ value }) => value);

  it("uses instructions that builders know, on a base with a version", () => {
    const known = ["ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "FROM", "RUN", "STOPSIGNAL", "USER", "VOLUME"];
    expect(all.filter(({ name }) => !known.includes(name))).toEqual([]);
    for (const { value } of stages)
      expect(value).toMatch(/^docker\.io\/library\/debian:\d+-slim( AS [a-z]+)?$/);
    const named = stages.flatMap(({ value }) => / AS ([a-z]+)$/.exec(value)?.[1] ?? []);
    for (const { value } of all.filter(
      ({ name, value: text }) => name === "COPY" && text.includes("--from="),
    )) {
      expect(named).toContain(/--from=(\S+)/.exec(value)![1]);
    }
  });

  it("unpacks the archive that packaging makes, after looking at its checksum", () => {
    const unpack = all.find(({ name, value }) => name === "RUN" && value.includes("tar -xzf"))!.value;
    for (const [target, arch] of [
      ["amd64", "x64"],
      ["arm64", "arm64"],
    ]) {
      expect(unpack).toContain(target === "amd64" ? `amd64) arch=${arch} ;;` : '*) arch="${TARGETARCH}" ;;');
    }
    const name = archiveName("${VERSION}", "${arch}");
    expect(unpack).toContain(`sha256sum --check "${name}.tar.gz.sha256"`);
    expect(unpack.indexOf("sha256sum")).toBeLessThan(unpack.indexOf("tar -xzf"));
    expect(unpack).toContain(`tar -xzf "${name}.tar.gz" --strip-components=1 -C /opt/sambung-agent`);
  });

  it("runs the agent as an ordinary user, who may write nowhere but in the volume", () => {
    expect(valueOf("USER")).toEqual(["65532:65532"]);
    expect(valueOf("VOLUME")).toEqual(["/data"]);
    expect(valueOf("ENV")).toEqual(["SAMBUNG_AGENT_DATA=/data"]);
    expect(valueOf("COPY").filter((value) => value.includes("--chown"))).toEqual([
      "--from=unpacked --chown=65532:65532 --chmod=700 /data /data",
    ]);
    expect(valueOf("ENTRYPOINT").map((value) => JSON.parse(value) as unknown)).toEqual([
      ["/opt/sambung-agent/sambung-agent"],
    ]);
    expect(valueOf("CMD").map((value) => JSON.parse(value) as unknown)).toEqual([["run"]]);
    expect(valueOf("RUN").join(" ")).toMatch(/ ca-certificates iputils-ping fping /);
  });
});
