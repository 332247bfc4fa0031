// SOAP 1.2, and OASIS Web Services Security UsernameToken Profile 1.1 as ONVIF Core, 5.9.4 asks for it.
import { escapeXml, parseXml, type XmlElement } from "./xml.ts";

const SOAP = "http://www.w3.org/2003/05/soap-envelope";
const WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity";
const DIGEST =
  "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest";
const ENCODING =
  "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";

/** What a login is made of; the hash and the random bytes come from outside. */
export interface UsernameToken {
  readonly user: string;
  readonly password: string;
  /** By the device's clock, Unix ms: it refuses tokens that are too old. */
  readonly created: number;
  readonly nonce: Uint8Array;
  sha1(bytes: Uint8Array): Uint8Array;
}

/** A message with `body` inside, and a login where one is given. */
export function printEnvelope(body: string, token?: UsernameToken): string {
  const header = token === undefined ? "" : `<s:Header>${printToken(token)}</s:Header>`;
  return `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="${SOAP}">${header}` +
    `<s:Body>${body}</s:Body></s:Envelope>`;
}

function printToken({ user, password, created, nonce, sha1 }: UsernameToken): string {
  const date = new Date(created).toISOString().replace(/\.\d+Z$/, "Z");
  const text = new TextEncoder().encode(date + password);
  const joined = new Uint8Array(nonce.length + text.length);
  joined.set(nonce);
  joined.set(text, nonce.length);
  return `<w:Security s:mustUnderstand="1" xmlns:w="${WSS}-secext-1.0.xsd" xmlns:u="${WSS}-utility-1.0.xsd">` +
    `<w:UsernameToken><w:Username>${escapeXml(user)}</w:Username>` +
    `<w:Password Type="${DIGEST}">${base64(sha1(joined))}</w:Password>` +
    `<w:Nonce EncodingType="${ENCODING}">${base64(nonce)}</w:Nonce>` +
    `<u:Created>${date}</u:Created></w:UsernameToken></w:Security>`;
}

/** What a device answered. */
export type SoapAnswer =
  | { readonly kind: "ok"; readonly body: XmlElement }
  /** `denied`: the login is missing or wrong. */
  | { readonly kind: "fault"; readonly why: string; readonly denied: boolean }
  | { readonly kind: "bad"; readonly why: string };

/** Reads a message; `body` is its Body. Total. */
export function parseEnvelope(text: string): SoapAnswer {
  const root = parseXml(text);
  const body = root?.name === "Envelope" ? root.find("Body") : undefined;
  if (body === undefined) return { kind: "bad", why: "no SOAP message" };
  const fault = body.find("Fault");
  if (fault === undefined) return { kind: "ok", body };
  const codes: string[] = [];
  for (let at = fault.find("Code"); at !== undefined; at = at.find("Subcode")) codes.push(at.textOf("Value"));
  const denied = codes.some((code) => /NotAuthorized|FailedAuthentication|InvalidSecurity/i.test(code));
  const why = fault.textOf("Reason", "Text") || fault.textOf("faultstring") || codes.at(-1) || "a fault";
  return { kind: "fault", why, denied };
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
