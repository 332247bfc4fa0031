// XML 1.0, read as devices write it: names without their namespace prefixes, no entities but the five of XML.

/** Longest document that is read, in characters. */
export const XML_MAX = 1024 * 1024;
/** Elements inside one another, and elements of a document, that are read. */
export const XML_DEPTH_MAX = 64;
export const XML_ELEMENTS_MAX = 50_000;

/** Longest tag, in characters. */
const TAG_MAX = 16 * 1024;

/** One element. */
export class XmlElement {
  readonly attributes = new Map<string, string>();
  readonly children: XmlElement[] = [];
  /** Text directly inside, trimmed when the element has ended. */
  text = "";

  /** `name` without its prefix. */
  constructor(readonly name: string) {}

  /** The first child of a name, then the first of the next name inside it, and so on. */
  find(...[name, ...rest]: string[]): XmlElement | undefined {
    if (name === undefined) return this;
    return this.children.find((child) => child.name === name)?.find(...rest);
  }

  /** Children of a name. */
  all(name: string): XmlElement[] {
    return this.children.filter((child) => child.name === name);
  }

  /** Text at a path; empty where nothing is there. */
  textOf(...path: string[]): string {
    return this.find(...path)?.text ?? "";
  }

  /** The number at a path; 0 where there is none. */
  numberOf(...path: string[]): number {
    const value = Number(this.textOf(...path));
    return Number.isFinite(value) ? value : 0;
  }
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const NAME = /^[^\s/>=<]+/;
const ATTRIBUTE = /([^\s=/]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** Reads a document; undefined where it is none. Elements that are not closed end with what they are in. */
export function parseXml(text: string): XmlElement | undefined {
  if (text.length > XML_MAX) return undefined;
  const root = new XmlElement("");
  const open: XmlElement[] = [root];
  let count = 0;
  for (let at = 0; at < text.length;) {
    const parent = open[open.length - 1] as XmlElement;
    const tag = text.indexOf("<", at);
    if (tag !== at) {
      const end = tag < 0 ? text.length : tag;
      parent.text += decodeEntities(text.slice(at, end));
      at = end;
      continue;
    }
    const special = skipSpecial(text, tag, parent);
    if (special !== tag) {
      at = special;
      continue;
    }
    const end = tagEnd(text, tag);
    if (end < 0) break;
    if (end - tag > TAG_MAX) return undefined;
    const inside = text.slice(tag + 1, end);
    at = end + 1;
    if (inside.startsWith("/")) {
      close(open, bare(inside.slice(1).trim()));
      continue;
    }
    const name = NAME.exec(inside)?.[0] ?? "";
    if (name === "" || ++count > XML_ELEMENTS_MAX || open.length > XML_DEPTH_MAX) return undefined;
    const element = new XmlElement(bare(name));
    for (const [, key, double, single] of inside.slice(name.length).matchAll(ATTRIBUTE)) {
      element.attributes.set(bare(key as string), decodeEntities(double ?? single ?? ""));
    }
    parent.children.push(element);
    if (!inside.endsWith("/")) open.push(element);
  }
  for (const element of open) element.text = element.text.trim();
  return root.children[0];
}

/** Text as it stands in a document. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&${Object.keys(ENTITIES).find((name) => ENTITIES[name] === c)};`);
}

/** Where what is no element ends; `at` itself for an element. */
function skipSpecial(text: string, at: number, parent: XmlElement): number {
  const behind = (mark: string) => {
    const end = text.indexOf(mark, at);
    return end < 0 ? text.length : end + mark.length;
  };
  if (text.startsWith("<!--", at)) return behind("-->");
  if (text.startsWith("<![CDATA[", at)) {
    const end = behind("]]>");
    parent.text += text.slice(at + 9, text.startsWith("]]>", end - 3) ? end - 3 : end);
    return end;
  }
  if (text.startsWith("<?", at)) return behind("?>");
  // a document type may declare entities: nothing of it is looked at
  if (text.startsWith("<!", at)) return behind(">");
  return at;
}

/** The `>` of a tag, outside of quotes; -1 where it does not end. */
function tagEnd(text: string, at: number): number {
  let quote = "";
  for (let i = at + 1; i < text.length; i++) {
    const c = text[i] as string;
    if (quote !== "") {
      if (c === quote) quote = "";
    } else if (c === '"' || c === "'") quote = c;
    else if (c === ">") return i;
  }
  return -1;
}

function close(open: XmlElement[], name: string): void {
  const at = open.findLastIndex((element) => element.name === name);
  if (at < 1) return;
  for (const element of open.splice(at)) element.text = element.text.trim();
}

function bare(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|\w{1,8});/gi, (whole, entity: string) => {
    if (!entity.startsWith("#")) return Object.hasOwn(ENTITIES, entity) ? ENTITIES[entity] as string : whole;
    const code = /^#x/i.test(entity) ? Number.parseInt(entity.slice(2), 16) : Number(entity.slice(1));
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
