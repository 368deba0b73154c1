import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { tempDir } from "./temp-dir.ts";

const run = promisify(execFile);

export interface Certificate {
  key: string;
  cert: string;
}

type Host = { dns: string } | { ip: string };

const openssl = (...args: string[][]) => run("openssl", args.flat());
const newKey = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes".split(" ");

/** A self-signed certificate, made by the command openssl, for one host name or address and 30 days. */
export async function makeCertificate(host: Host): Promise<Certificate> {
  using folder = tempDir();
  const [keyFile, certFile] = [folder.file("key.pem"), folder.file("cert.pem")];
  const ask = ["req", "-x509", ...newKey, "-days", "30", "-subj", "/CN=test"];
  const files = ["-keyout", keyFile, "-out", certFile];
  await openssl(ask, ["-addext", `subjectAltName=${altName(host)}`], files);
  return { key: await readFile(keyFile, "utf8"), cert: await readFile(certFile, "utf8") };
}

/** Who signs certificates; `cert` is its own, to be trusted or not. */
export interface Authority extends Certificate {
  name: string;
}

/** An authority that vouches for itself, for 3650 days. */
export async function makeAuthority(name: string): Promise<Authority> {
  using folder = tempDir();
  const [keyFile, certFile] = [folder.file("key.pem"), folder.file("cert.pem")];
  const ask = ["req", "-x509", ...newKey, "-days", "3650", "-subj", `/CN=${name}`];
  await openssl(ask, ["-keyout", keyFile, "-out", certFile]);
  return { name, key: await readFile(keyFile, "utf8"), cert: await readFile(certFile, "utf8") };
}

export interface IssueOptions {
  /** Host that the certificate is for; left out, it is for another authority. */
  host?: Host;
  name: string;
  /** Days until it expires; below zero it has. */
  days: number;
  /** Days until it begins. Default: a day before now, or before it expires. */
  fromDays?: number;
  /** Extended key usage, as openssl names it; left out: any. */
  usage?: string;
  /** Whose key it is for, another certificate of whom it then is; left out, a new key is made. */
  owner?: Authority;
}

/** A certificate signed by the authority. Its `cert` is that one alone: what a server sends is put together by the test. */
export async function issue(authority: Authority, options: IssueOptions): Promise<Authority> {
  const { host, name, days, fromDays = Math.min(0, days) - 1, owner, usage } = options;
  using folder = tempDir();
  const file = (last: string) => folder.file(last);
  await writeFile(file("ca.pem"), authority.cert);
  await writeFile(file("ca.key"), authority.key);
  const extension =
    host === undefined ? "basicConstraints=critical,CA:TRUE" : `subjectAltName=${altName(host)}`;
  const usages = usage === undefined ? "" : `extendedKeyUsage=${usage}\n`;
  await writeFile(file("extensions"), `${extension}\n${usages}`);
  if (owner !== undefined) await writeFile(file("key.pem"), owner.key);
  await openssl(
    ["req", "-new", "-subj", `/CN=${name}`, "-out", file("request.pem")],
    owner === undefined ? [...newKey, "-keyout", file("key.pem")] : ["-key", file("key.pem")],
  );
  // The command `x509 -req` takes no date of its own; `ca` does, and wants a book to enter it in.
  await writeFile(file("index"), "");
  await writeFile(file("config"), bookOf(file("index"), folder.path));
  await openssl(
    ["ca", "-batch", "-notext", "-config", file("config"), "-in", file("request.pem")],
    ["-cert", file("ca.pem"), "-keyfile", file("ca.key"), "-extfile", file("extensions")],
    ["-startdate", dateIn(fromDays), "-enddate", dateIn(days), "-out", file("cert.pem")],
  );
  return {
    name,
    key: await readFile(file("key.pem"), "utf8"),
    cert: await readFile(file("cert.pem"), "utf8"),
  };
}

const altName = (host: Host) => ("dns" in host ? `DNS:${host.dns}` : `IP:${host.ip}`);

/** The time in so many days as openssl wants it: YYYYMMDDHHMMSSZ. */
const dateIn = (days: number) =>
  new Date(Date.now() + days * 86_400_000).toISOString().replace(/\.\d+|[-:T]/g, "");

const bookOf = (index: string, folder: string) => `
[ca]
default_ca=here
[here]
database=${index}
new_certs_dir=${folder}
rand_serial=yes
default_md=sha256
policy=any
[any]
commonName=supplied
`;
