import { createHash } from "node:crypto";
import { bindUdp } from "../../src/host/udp.ts";

/** What an ONVIF camera of the tests is like; made from the specifications of ONVIF and WS-Discovery. */
export interface OnvifCameraOptions {
  readonly name: string;
  readonly user?: string;
  readonly password?: string;
  /** How it asks for the login. */
  readonly auth?: "none" | "token" | "http digest";
  /** An old one: no GetServices, no second media service. */
  readonly old?: boolean;
  /** Its address; loopback where left out. */
  readonly address?: string;
  /** Its clock is off by so much. */
  readonly clockOffMillis?: number;
  /** It does not know the address by which others reach it. */
  readonly behindRouter?: boolean;
}

export interface OnvifCamera {
  readonly port: number;
  readonly id: string;
  /** Names of the requests that came. */
  readonly asked: string[];
  close(): void;
}

const GROUP = "239.255.255.250";
/** Tokens older than this are refused. */
const TOKEN_AGE_MAX = 5000;

const soap = (body: string, header = "") =>
  '<?xml version="1.0" encoding="utf-8"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope"' +
  ' xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:wsdd="http://schemas.xmlsoap.org/ws/2005/04/discovery"' +
  ' xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl"' +
  ' xmlns:tr2="http://www.onvif.org/ver20/media/wsdl" xmlns:tt="http://www.onvif.org/ver10/schema">' +
  `<SOAP-ENV:Header>${header}</SOAP-ENV:Header><SOAP-ENV:Body>${body}</SOAP-ENV:Body></SOAP-ENV:Envelope>`;

const fault = (code: string, text: string) =>
  soap(
    "<SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:Sender</SOAP-ENV:Value><SOAP-ENV:Subcode>" +
      `<SOAP-ENV:Value>ter:${code}</SOAP-ENV:Value></SOAP-ENV:Subcode></SOAP-ENV:Code>` +
      `<SOAP-ENV:Reason><SOAP-ENV:Text xml:lang="en">${text}</SOAP-ENV:Text></SOAP-ENV:Reason></SOAP-ENV:Fault>`,
  );

const md5 = (text: string) => createHash("md5").update(text).digest("hex");

/** Starts one on loopback: answers probes, and the requests of the device and media services. */
export async function startOnvifCamera(o: OnvifCameraOptions): Promise<OnvifCamera> {
  const id = `${o.name.replaceAll(/\W/g, "")}-${process.pid}`;
  const asked: string[] = [];
  const { user = "", password = "" } = o;
  const now = () => Date.now() + (o.clockOffMillis ?? 0);

  const tokenIsRight = (text: string) => {
    const of = (name: string) => new RegExp(`<\\w+:${name}(?: [^>]*)?>([^<]*)<`).exec(text)?.[1] ?? "";
    const created = of("Created");
    const nonce = Buffer.from(of("Nonce"), "base64");
    const digest = createHash("sha1").update(nonce).update(created + password).digest("base64");
    const age = Math.abs(now() - Date.parse(created));
    return of("Username") === user && of("Password") === digest && nonce.length >= 8 && age < TOKEN_AGE_MAX;
  };
  const digestIsRight = (request: Request) => {
    const given = new Map(
      [...(request.headers.get("authorization") ?? "").matchAll(/(\w+)="?([^",]*)"?/g)].map((
        m,
      ) => [m[1], m[2]]),
    );
    const of = (key: string) => given.get(key) ?? "";
    const ha1 = md5(`${user}:onvif:${password}`);
    const ha2 = md5(`POST:${new URL(request.url).pathname}`);
    return of("username") === user && of("nonce") === "n0nce" &&
      of("response") === md5(`${ha1}:n0nce:${of("nc")}:${of("cnonce")}:auth:${ha2}`);
  };

  const answers = (origin: string): Record<string, (text: string) => string> => {
    const host = o.behindRouter ? "http://192.168.77.7" : origin;
    const rtsp = o.behindRouter ? "rtsp://127.0.0.1:554" : "rtsp://user:pass@10.9.8.7:554";
    const services = (o.old ? [] : [
      ["device", "ver10/device/wsdl"],
      ["media", "ver10/media/wsdl"],
      ["media2", "ver20/media/wsdl"],
    ]).map(([path, namespace]) =>
      `<tds:Service><tds:Namespace>http://www.onvif.org/${namespace}</tds:Namespace>` +
      `<tds:XAddr>${host}/onvif/${path}_service</tds:XAddr></tds:Service>`
    );
    const date = new Date(now());
    return {
      GetSystemDateAndTime: () =>
        soap(
          "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>" +
            `<tt:UTCDateTime><tt:Time><tt:Hour>${date.getUTCHours()}</tt:Hour><tt:Minute>${date.getUTCMinutes()}` +
            `</tt:Minute><tt:Second>${date.getUTCSeconds()}</tt:Second></tt:Time><tt:Date><tt:Year>` +
            `${date.getUTCFullYear()}</tt:Year><tt:Month>${date.getUTCMonth() + 1}</tt:Month>` +
            `<tt:Day>${date.getUTCDate()}</tt:Day></tt:Date></tt:UTCDateTime></tds:SystemDateAndTime>` +
            "</tds:GetSystemDateAndTimeResponse>",
        ),
      GetDeviceInformation: () =>
        soap(
          "<tds:GetDeviceInformationResponse><tds:Manufacturer>Made &amp; Up</tds:Manufacturer>" +
            "<tds:Model>M-1</tds:Model><tds:FirmwareVersion>1.2</tds:FirmwareVersion>" +
            "<tds:SerialNumber>S</tds:SerialNumber><tds:HardwareId>H</tds:HardwareId></tds:GetDeviceInformationResponse>",
        ),
      GetServices: () =>
        o.old
          ? fault("ActionNotSupported", "Optional Action Not Implemented")
          : soap(`<tds:GetServicesResponse>${services.join("")}</tds:GetServicesResponse>`),
      GetCapabilities: () =>
        soap(
          "<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Media>" +
            `<tt:XAddr>${host}/onvif/media_service</tt:XAddr></tt:Media></tds:Capabilities></tds:GetCapabilitiesResponse>`,
        ),
      GetProfiles: (text) =>
        text.includes("ver20/media")
          ? soap(
            '<tr2:GetProfilesResponse><tr2:Profiles token="main" fixed="true"><tr2:Name>Main Stream</tr2:Name>' +
              "<tr2:Configurations><tr2:VideoEncoder><tt:Encoding>H265</tt:Encoding><tt:Resolution>" +
              "<tt:Width>3840</tt:Width><tt:Height>2160</tt:Height></tt:Resolution><tt:RateControl>" +
              "<tt:FrameRateLimit>25.0</tt:FrameRateLimit></tt:RateControl></tr2:VideoEncoder>" +
              "<tr2:AudioEncoder><tt:Encoding>MP4A-LATM</tt:Encoding></tr2:AudioEncoder></tr2:Configurations>" +
              '</tr2:Profiles><tr2:Profiles token="s&amp;b"><tr2:Name>Sub</tr2:Name><tr2:Configurations>' +
              "<tr2:VideoEncoder><tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>640</tt:Width>" +
              "<tt:Height>360</tt:Height></tt:Resolution></tr2:VideoEncoder></tr2:Configurations></tr2:Profiles>" +
              "</tr2:GetProfilesResponse>",
          )
          : soap(
            '<trt:GetProfilesResponse><trt:Profiles token="p0"><tt:Name>Only</tt:Name>' +
              "<tt:VideoEncoderConfiguration><tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>1280</tt:Width>" +
              "<tt:Height>720</tt:Height></tt:Resolution><tt:RateControl><tt:FrameRateLimit>15</tt:FrameRateLimit>" +
              "</tt:RateControl></tt:VideoEncoderConfiguration><tt:AudioEncoderConfiguration><tt:Encoding>G711" +
              "</tt:Encoding></tt:AudioEncoderConfiguration></trt:Profiles></trt:GetProfilesResponse>",
          ),
      GetStreamUri: (text) => {
        const token = /ProfileToken>([^<]*)</.exec(text)?.[1] ?? "";
        const uri = `${rtsp}/${encodeURIComponent(token.replaceAll("&amp;", "&"))}?id=${id}&amp;x=1`;
        return text.includes("ver20/media")
          ? soap(`<tr2:GetStreamUriResponse><tr2:Uri>${uri}</tr2:Uri></tr2:GetStreamUriResponse>`)
          : soap(
            `<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>${uri}</tt:Uri></trt:MediaUri></trt:GetStreamUriResponse>`,
          );
      },
    };
  };

  const server = Bun.serve({
    port: 0,
    hostname: "0.0.0.0",
    async fetch(request) {
      const text = await request.text();
      const action = /<(?:\w+:)?Body><(?:\w+:)?(\w+)/.exec(text)?.[1] ?? "";
      asked.push(action);
      const type = { "content-type": "application/soap+xml" };
      const open = action === "GetSystemDateAndTime" || o.auth === undefined || o.auth === "none";
      if (!open && o.auth === "http digest" && !digestIsRight(request)) {
        const challenge = 'Digest realm="onvif", nonce="n0nce", qop="auth", algorithm=MD5';
        return new Response("", { status: 401, headers: { "www-authenticate": challenge } });
      }
      if (!open && o.auth === "token" && !tokenIsRight(text)) {
        return new Response(fault("NotAuthorized", "Sender not authorized"), { status: 400, headers: type });
      }
      const answer = answers(new URL(request.url).origin)[action];
      if (answer === undefined) return new Response("", { status: 500 });
      const body = answer(text);
      return new Response(body, { status: body.includes("Fault>") ? 500 : 200, headers: type });
    },
  });

  const xaddr = o.behindRouter ? "http://192.168.77.7" : `http://${o.address ?? "127.0.0.1"}`;
  const ear = await bindUdp({ address: GROUP, port: 3702, reuseAddr: true }, (bytes, port, from) => {
    const text = new TextDecoder().decode(bytes);
    const message = /MessageID>([^<]+)</.exec(text)?.[1];
    // an old one knows the older type only
    if (message === undefined || !text.includes(o.old ? "NetworkVideoTransmitter" : "Device")) return;
    asked.push("Probe");
    const scopes =
      `onvif://www.onvif.org/name/${encodeURIComponent(o.name)} onvif://www.onvif.org/type/ptz ` +
      "onvif://www.onvif.org/hardware/M-1 onvif://www.onvif.org/location/hall";
    const match = soap(
      "<wsdd:ProbeMatches><wsdd:ProbeMatch><wsa:EndpointReference>" +
        `<wsa:Address>urn:uuid:${id}</wsa:Address></wsa:EndpointReference>` +
        `<wsdd:Types>dn:NetworkVideoTransmitter tds:Device</wsdd:Types><wsdd:Scopes>${scopes}</wsdd:Scopes>` +
        `<wsdd:XAddrs>${xaddr}:${server.port}/onvif/device_service http://[fe80::1]/onvif/device_service</wsdd:XAddrs>` +
        "<wsdd:MetadataVersion>1</wsdd:MetadataVersion></wsdd:ProbeMatch></wsdd:ProbeMatches>",
      `<wsa:RelatesTo>${message}</wsa:RelatesTo>`,
    );
    ear.send(new TextEncoder().encode(match), port, from);
  });
  ear.joinGroup(GROUP, { interface: o.address ?? "127.0.0.1" });
  return {
    port: server.port ?? 0,
    id,
    asked,
    close() {
      ear.close();
      void server.stop(true);
    },
  };
}
