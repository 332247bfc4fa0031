// WS-Discovery (April 2005), as ONVIF Core, 7.3 uses it.
import { parseXml } from "./xml.ts";

/** Group and port of probes. */
export const DISCOVERY_GROUP = "239.255.255.250";
export const DISCOVERY_PORT = 3702;
/** Longest answer that is read, in bytes; a datagram holds no more. */
export const PROBE_MATCH_MAX = 65_535;

/** What is looked for. Some devices answer to one of the two only. */
export const PROBE_TYPES = ["dn:NetworkVideoTransmitter", "tds:Device"] as const;

/** A probe. `id` is a UUID of its own. */
export function printProbe(id: string, type: (typeof PROBE_TYPES)[number]): string {
  return '<?xml version="1.0" encoding="UTF-8"?>' +
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"' +
    ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"' +
    ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"' +
    ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl">' +
    `<s:Header><a:MessageID>uuid:${id}</a:MessageID>` +
    "<a:ReplyTo><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo>" +
    '<a:To s:mustUnderstand="1">urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>' +
    '<a:Action s:mustUnderstand="1">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action></s:Header>' +
    `<s:Body><d:Probe><d:Types>${type}</d:Types></d:Probe></s:Body></s:Envelope>`;
}

/** A device that answered. */
export interface ProbeMatch {
  /** Stays the same as long as the device lives. */
  readonly id: string;
  /** Addresses of its device service. */
  readonly addresses: readonly string[];
  /** From its scopes; empty where it says nothing. */
  readonly name: string;
  readonly hardware: string;
  readonly location: string;
}

/** Reads an answer; several devices may stand in one. Empty where it is none. */
export function parseProbeMatches(text: string): ProbeMatch[] {
  const matches = parseXml(text)?.find("Body", "ProbeMatches");
  return (matches?.all("ProbeMatch") ?? []).flatMap((match) => {
    const addresses = match.textOf("XAddrs").split(/\s+/).filter((url) => /^https?:\/\//i.test(url));
    const id = match.textOf("EndpointReference", "Address").replace(/^(?:urn:)?uuid:/i, "");
    if (addresses.length === 0) return [];
    const scopes = match.textOf("Scopes").split(/\s+/);
    return [{
      id: id === "" ? addresses[0] as string : id,
      addresses,
      name: scopeOf(scopes, "name"),
      hardware: scopeOf(scopes, "hardware"),
      location: scopeOf(scopes, "location"),
    }];
  });
}

/** ONVIF Core, 7.3.2.2: `onvif://www.onvif.org/name/Front%20door`. */
function scopeOf(scopes: readonly string[], category: string): string {
  const found = scopes.map((s) =>
    new RegExp(`^onvif://www\\.onvif\\.org/${category}/(.+)$`, "i").exec(s)?.[1]
  )
    .find((value) => value !== undefined);
  if (found === undefined) return "";
  try {
    return decodeURIComponent(found);
  } catch (e) {
    return e instanceof URIError ? found : "";
  }
}
