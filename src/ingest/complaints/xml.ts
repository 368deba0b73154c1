/** A piece of an XML document. `name` is without its prefix. */
export type XmlToken =
  | { kind: "open"; name: string; attributes: string; isEmpty: boolean }
  | { kind: "close"; name: string }
  | { kind: "text"; text: string };

export class XmlError extends Error {
  readonly code = "xml";
  constructor(message: string) {
    super(message);
    this.name = "XmlError";
  }
}

const token =
  /<(\/?)(?:[\w.-]+:)?([\w.-]+)((?:\s+[\w.:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>/y;

/**
 * The pieces of a document that a spreadsheet program wrote, in order. A document type is refused: no such program writes one,
 * and entities of its own are how a small file becomes a large one. Throws XmlError.
 */
export function* readXml(text: string): Generator<XmlToken> {
  const pattern = new RegExp(token);
  for (let at = 0; at < text.length; at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) throw new XmlError(`not understood at ${at}`);
    const [, slash, name, attributes, empty, plain, data] = found;
    if (plain !== undefined) yield { kind: "text", text: decode(plain) };
    else if (data !== undefined) yield { kind: "text", text: data };
    else if (name !== undefined && slash === "/") yield { kind: "close", name };
    else if (name !== undefined)
      yield { kind: "open", name, attributes: attributes!, isEmpty: empty === "/" };
  }
}

/** The value of an attribute by its name without the prefix; null: there is none. */
export function attributeOf({ attributes }: { attributes: string }, name: string): string | null {
  const found = new RegExp(`(?:^|[\\s:])${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(attributes);
  return found === null ? null : decode(found[1] ?? found[2]!);
}

const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decode(text: string): string {
  if (!text.includes("&")) return text;
  return text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return named[String(name)] ?? whole;
    const code = decimal === undefined ? Number.parseInt(String(hex), 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
