import { parseAddress } from "../../../base/address_range.ts";
import { bitString, der, objectIdentifier, sequence, TAG, time, unsigned, utf8String } from "./der.ts";

/** RFC 5280: a certificate that its own key signs, for a server of these names. */
export interface SelfSignedFields {
  /** Random; at most 20 bytes, the first one from 1 to 127. */
  readonly serial: Uint8Array;
  /** Shown to people who are asked whether they trust it. */
  readonly commonName: string;
  /** Names (`box.local`, `*.example`) and addresses (`192.0.2.1`, `2001:db8::1`). */
  readonly names: readonly string[];
  /** Unix milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SubjectPublicKeyInfo, as WebCrypto exports it, of a P-256 key. */
  readonly publicKey: Uint8Array;
  /** SHA-1 or any other hash of the key, 20 bytes. */
  readonly keyIdentifier: Uint8Array;
}

const ECDSA_SHA256 = sequence(objectIdentifier("1.2.840.10045.4.3.2"));
const COMMON_NAME = "2.5.4.3";
const EXTENSION = {
  subjectKey: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectNames: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKey: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
} as const;
const SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";
const TRUE = der(TAG.boolean, Uint8Array.of(0xff));
/** Context tags of GeneralName, 4.2.1.6, and of the other optional fields. */
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;
const KEY_IDENTIFIER = 0x80;
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;

/**
 * What is to be signed (TBSCertificate, 4.1). It signs itself, so it is an authority, one that allows no further ones
 * below it (4.2.1.9): systems only take authorities into the list of those that they trust.
 */
export function encodeToBeSigned(fields: SelfSignedFields): Uint8Array<ArrayBuffer> {
  const name = sequence(
    der(TAG.set, sequence(objectIdentifier(COMMON_NAME), utf8String(fields.commonName))),
  );
  const names = sequence(...fields.names.map(encodeName));
  return sequence(
    der(VERSION, unsigned(Uint8Array.of(2))),
    unsigned(fields.serial),
    ECDSA_SHA256,
    name,
    sequence(time(fields.notBefore), time(fields.notAfter)),
    name,
    fields.publicKey,
    der(
      EXTENSIONS,
      sequence(
        extension(EXTENSION.subjectNames, false, names),
        extension(EXTENSION.basicConstraints, true, sequence(TRUE, unsigned(Uint8Array.of(0)))),
        // digitalSignature and keyCertSign
        extension(EXTENSION.keyUsage, true, bitString(Uint8Array.of(0x84), 2)),
        extension(EXTENSION.extendedKeyUsage, false, sequence(objectIdentifier(SERVER_AUTHENTICATION))),
        extension(EXTENSION.subjectKey, false, der(TAG.octetString, fields.keyIdentifier)),
        extension(EXTENSION.authorityKey, false, sequence(der(KEY_IDENTIFIER, fields.keyIdentifier))),
      ),
    ),
  );
}

/** The certificate. `signature`: ECDSA with SHA-256, the two numbers one after the other as WebCrypto gives them. */
export function encodeCertificate(
  toBeSigned: Uint8Array,
  signature: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const half = signature.length / 2;
  const numbers = sequence(unsigned(signature.subarray(0, half)), unsigned(signature.subarray(half)));
  return sequence(toBeSigned, ECDSA_SHA256, bitString(numbers));
}

function extension(id: string, critical: boolean, value: Uint8Array): Uint8Array {
  return sequence(objectIdentifier(id), ...(critical ? [TRUE] : []), der(TAG.octetString, value));
}

function encodeName(name: string): Uint8Array {
  const address = parseAddress(name);
  if (address === undefined) return der(DNS_NAME, new TextEncoder().encode(name));
  return der(IP_ADDRESS, name.includes(":") ? address : address.subarray(12));
}
