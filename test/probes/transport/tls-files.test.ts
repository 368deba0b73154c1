import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readTlsFiles } from "../../../probes/tls-files.ts";
import type { TlsPaths } from "../../../probes/tls-files.ts";
import { UsageError } from "../../../probes/usage-error.ts";
import { issue, makeAuthority } from "../../support/certificate.ts";
import { needs } from "../../support/needs.ts";
import { tempDir } from "../../support/temp-dir.ts";

const missing = needs({ commands: ["openssl"] });

describe.skipIf(missing !== null)(`--ca, --cert, --key${missing ? ` (skipped: ${missing})` : ""}`, () => {
  it("reads every CA of a file, and the agent's own certificate", async () => {
    using dir = tempDir();
    const [one, two] = [await makeAuthority("one"), await makeAuthority("two")];
    writeFileSync(dir.file("ca.pem"), `Both of them:\n${one.cert}${two.cert}`);
    writeFileSync(dir.file("cert.pem"), one.cert);
    writeFileSync(dir.file("key.pem"), one.key);
    const files = readTlsFiles({
      ca: dir.file("ca.pem"),
      cert: dir.file("cert.pem"),
      key: dir.file("key.pem"),
    });
    expect(files.ca).toEqual([one.cert.trim(), two.cert.trim()]);
    expect(files.own).toEqual({ cert: one.cert, key: one.key });
    expect(readTlsFiles({ ca: null, cert: null, key: null })).toEqual({ ca: null, own: null });
  });

  it("says which file is wrong, and how, and shows no key", async () => {
    using dir = tempDir();
    const [one, two] = [await makeAuthority("one"), await makeAuthority("two")];
    const leaf = await issue(one, { host: { dns: "board.example" }, name: "board", days: 3 });
    const put = (name: string, text: string) => {
      writeFileSync(dir.file(name), text);
      return dir.file(name);
    };
    const [cert, key, other] = [put("cert", one.cert), put("key", one.key), put("other", two.key)];
    const broken = put("broken", one.cert.replace(/\nM\w{8}/, "\nMAAAAAAAA"));
    const none: TlsPaths = { ca: null, cert: null, key: null };
    const wrong: [TlsPaths, string][] = [
      [{ ...none, ca: dir.file("nowhere") }, `--ca: ${dir.file("nowhere")} cannot be read (ENOENT)`],
      [{ ...none, ca: key }, `--ca: ${key} has no certificate; expected PEM`],
      [{ ...none, ca: broken }, `--ca: certificate 1 in ${broken} cannot be read`],
      [{ ...none, ca: put("leaf", leaf.cert) }, "has a certificate that is no CA's: CN=board"],
      [{ ...none, cert }, "--cert: not without --key"],
      [{ ...none, key }, "--key: not without --cert"],
      [{ ...none, cert, key: other }, `--key: ${other} is not the private key of ${cert}`],
      [{ ...none, cert, key: cert }, `--key: ${cert} is not the private key of ${cert}`],
    ];
    for (const [paths, message] of wrong) {
      expect(() => readTlsFiles(paths)).toThrow(UsageError);
      expect(() => readTlsFiles(paths)).toThrow(message);
      expect(() => readTlsFiles(paths)).not.toThrow(/BEGIN|[A-Za-z0-9+/]{40}/);
    }
  });
});
