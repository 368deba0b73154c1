import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of its own that is gone when the scope ends: `using dir = tempDir()`. */
export function tempDir(): { path: string; file(name: string): string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "sambung-test-"));
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}
