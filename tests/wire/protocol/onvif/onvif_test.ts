import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { parseEnvelope, printEnvelope } from "../../../../src/wire/protocol/onvif/envelope.ts";
import { parseProbeMatches, printProbe } from "../../../../src/wire/protocol/onvif/probe.ts";
import {
  readCapabilities,
  readProfiles,
  readServices,
  readStreamUri,
  readSystemDateAndTime,
} from "../../../../src/wire/protocol/onvif/services.ts";
import {
  escapeXml,
  parseXml,
  XML_DEPTH_MAX,
  XML_MAX,
  type XmlElement,
} from "../../../../src/wire/protocol/onvif/xml.ts";
import { seededRandom } from "../../../peers/impairment.ts";
import { cpuMillis } from "../../../cpu_millis.ts";

const shape = (e: XmlElement | undefined): unknown =>
  e && [e.name, Object.fromEntries(e.attributes), e.text, ...e.children.map(shape)];

describe("parseXml()", () => {
  const cases: readonly [string, string, unknown][] = [
    ["prefixes, which are left away", "<a:b x:c='1'>t</a:b>", ["b", { c: "1" }, "t"]],
    ["a head, a comment and a document type", "<?xml v?><!DOCTYPE a [<!ENTITY x 'y'>]><!-- < > --><a/>", [
      "a",
      {},
      "",
    ]],
    ["text in pieces", "<a> 1 <b/> 2 <![CDATA[<3>]]></a>", ["a", {}, "1  2 <3>", ["b", {}, ""]]],
    ["entities, the known ones only", "<a b='&lt;&#65;'>&amp;&#x42;&quot;&apos;&gt;&x;&#0;</a>", [
      "a",
      { b: "<A" },
      "&B\"'>&x;&#0;",
    ]],
    ["a > inside an attribute", '<a b="1>2">x</a>', ["a", { b: "1>2" }, "x"]],
    ["elements left open", "<a><b>1<c>2</a>", ["a", {}, "", ["b", {}, "1", ["c", {}, "2"]]]],
    ["an end without a start", "<a></b>x</a>", ["a", {}, "x"]],
    ["a document cut short", "<a><b>x</b><c", ["a", {}, "", ["b", {}, "x"]]],
    ["nothing", "", undefined],
    ["text", "hello", undefined],
    ["a tag without a name", "<>", undefined],
  ];
  for (const [what, text, tree] of cases) {
    test(`reads ${what}`, () => expect(shape(parseXml(text))).toEqual(tree));
  }

  test("keeps its limits", () => {
    expect(parseXml("<a>".repeat(XML_DEPTH_MAX))).toBeDefined();
    expect(parseXml("<a>".repeat(XML_DEPTH_MAX + 1))).toBeUndefined();
    expect(parseXml("<a>" + "<b/>".repeat(50_001))).toBeUndefined();
    expect(parseXml(`<a>${" ".repeat(XML_MAX)}`)).toBeUndefined();
    expect(parseXml(`<a ${"x".repeat(20_000)}>`)).toBeUndefined();
  });
  test("answers to everything, soon", async () => {
    const random = seededRandom(1);
    const marks = ["<", ">", "/", "a", " ", '"', "'", "=", "!", "-", "[", "&", ";", "?", "]]>", "<![CDATA["];
    const took = await cpuMillis(() => {
      for (let i = 0; i < 3000; i++) {
        let text = "<a>";
        for (let n = random() * 60; n > 0; n--) text += marks[Math.floor(random() * marks.length)]!;
        parseXml(text);
        parseProbeMatches(text);
        parseEnvelope(text);
      }
      parseXml("<a " + "a='".repeat(300_000));
      parseXml("<a " + "<".repeat(900_000));
    });
    expect(took).toBeLessThan(2000);
  });
  test("reads what escapeXml() writes", () => {
    const text = `<&>"'ä\u{1f600}`;
    expect(parseXml(`<a b="${escapeXml(text)}">${escapeXml(text)}</a>`)).toMatchObject({ text });
  });
});

describe("messages", () => {
  test("printEnvelope() has a login as the profile's own example computes it", () => {
    // ONVIF Application Programmer's Guide 1.0, 6.1.2.2: nonce, created, password and their digest
    const nonce = Uint8Array.from(atob("LKqI6G/AikKCQrN0zqZFlg=="), (c) => c.charCodeAt(0));
    const created = Date.parse("2010-09-16T07:50:45.000Z");
    const sha1 = (bytes: Uint8Array) => new Uint8Array(createHash("sha1").update(bytes).digest());
    const text = printEnvelope("<x/>", { user: "a&b", password: "userpassword", created, nonce, sha1 });
    const token = parseXml(text)?.find("Header", "Security", "UsernameToken");
    expect(token?.textOf("Username")).toBe("a&b");
    expect(token?.textOf("Nonce")).toBe("LKqI6G/AikKCQrN0zqZFlg==");
    expect(token?.textOf("Created")).toBe("2010-09-16T07:50:45Z");
    expect(token?.textOf("Password")).toBe("tuOSpGlFlIXsozq4HFNeeGeFLEI=");
    expect(token?.find("Password")?.attributes.get("Type")).toEndWith("#PasswordDigest");
    expect(printEnvelope("<x/>")).not.toContain("Header");
  });
  test("parseEnvelope() tells a refused login from other faults", () => {
    const fault = (code: string, reason: string) =>
      parseEnvelope(
        `<s:Envelope><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>${code}</s:Value>` +
          `</s:Subcode></s:Code>${reason}</s:Fault></s:Body></s:Envelope>`,
      );
    expect(fault("ter:NotAuthorized", "<s:Reason><s:Text>Go away</s:Text></s:Reason>")).toEqual({
      kind: "fault",
      why: "Go away",
      denied: true,
    });
    expect(fault("ter:NoProfile", "")).toEqual({ kind: "fault", why: "ter:NoProfile", denied: false });
    expect(parseEnvelope("<html/>")).toEqual({ kind: "bad", why: "no SOAP message" });
  });
  test("parseProbeMatches() reads several devices, and leaves those without an address out", () => {
    const match = (id: string, rest: string) =>
      `<d:ProbeMatch><a:EndpointReference><a:Address>${id}</a:Address></a:EndpointReference>${rest}</d:ProbeMatch>`;
    const text = "<s:Envelope><s:Body><d:ProbeMatches>" +
      match(
        "urn:uuid:1",
        "<d:XAddrs>http://10.0.0.1/a  http://[fe80::1]/a ftp://x</d:XAddrs>" +
          "<d:Scopes>onvif://www.onvif.org/name/A%20b onvif://www.onvif.org/hardware/50%</d:Scopes>",
      ) +
      match("2", "") + match("", "<d:XAddrs>http://10.0.0.3/</d:XAddrs>") +
      "</d:ProbeMatches></s:Body></s:Envelope>";
    expect(parseProbeMatches(text)).toEqual([
      {
        id: "1",
        addresses: ["http://10.0.0.1/a", "http://[fe80::1]/a"],
        name: "A b",
        hardware: "50%",
        location: "",
      },
      { id: "http://10.0.0.3/", addresses: ["http://10.0.0.3/"], name: "", hardware: "", location: "" },
    ]);
    expect(parseProbeMatches(printProbe("1", "tds:Device"))).toEqual([]);
  });
  test("readers of answers give what is there, and nothing else", () => {
    const body = parseXml(
      "<Body><GetProfilesResponse><Profiles/><Profiles token='1'><Name>x</Name>" +
        "<VideoEncoderConfiguration><Encoding>h264</Encoding></VideoEncoderConfiguration></Profiles>" +
        "</GetProfilesResponse></Body>",
    )!;
    expect(readProfiles(body).map((p) => [p.token, p.name, p.video, p.width, p.audio])).toEqual([
      ["", "", "", 0, ""],
      ["1", "x", "H264", 0, ""],
    ]);
    expect(readServices(body)).toEqual({ media: "", media2: "" });
    expect(readCapabilities(body)).toEqual({ media: "", media2: "" });
    expect(readStreamUri(body)).toBe("");
    expect(readSystemDateAndTime(body)).toBeUndefined();
  });
});
