import { chmodSync, copyFileSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findFping } from "../../../probes/icmp/find-fping.ts";
import { needs } from "../../support/needs.ts";
import { tempDir } from "../../support/temp-dir.ts";

const missing = needs({ commands: ["fping"] });
describe.skipIf(missing !== null)(`looking for fping${missing ? ` (skipped: ${missing})` : ""}`, () => {
  it("finds the one of this machine, and that it may send", async () => {
    expect(await findFping()).toMatchObject({
      command: "fping",
      version: expect.stringMatching(/^[5-9]\.\d+$/),
    });
  });

  it("says what to install where there is none", async () => {
    expect(await findFping("no-such-fping")).toEqual({
      missing: "no no-such-fping here: install the Debian package fping",
    });
  });

  it("refuses one that does not print lost echoes", async () => {
    using folder = tempDir();
    const old = join(folder.path, "fping-old");
    writeFileSync(old, "#!/bin/sh\necho 'fping: Version 4.2'\n");
    chmodSync(old, 0o755);
    expect(await findFping(old)).toEqual({
      missing: `${old} 4.2 is too old, 5.0 is needed: install the Debian package fping`,
    });
  });

  const missingRoot = needs({ root: true, commands: ["setpriv", "unshare"] });
  it.skipIf(missingRoot !== null)(
    `names the right that it lacks${missingRoot ? ` (skipped: ${missingRoot})` : ""}`,
    async () => {
      using folder = tempDir();
      chmodSync(folder.path, 0o755);
      // A copy has no file capabilities; nobody has none of its own.
      const bare = join(folder.path, "fping-bare");
      copyFileSync(execFileSync("sh", ["-c", "command -v fping"]).toString().trim(), bare);
      const asNobody = join(folder.path, "as-nobody");
      const become = "--reuid=65534 --regid=65534 --clear-groups";
      writeFileSync(asNobody, `#!/bin/sh\nexec unshare --net setpriv ${become} ${bare} "$@"\n`);
      for (const path of [bare, asNobody]) chmodSync(path, 0o755);
      expect(await findFping(asNobody)).toEqual({
        missing: expect.stringMatching(/cannot send .*cap_net_raw/),
      });
    },
  );
});
