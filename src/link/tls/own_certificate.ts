import { type CertificateFacts, readCertificate } from "../../host/certificate.ts";
import { makeDirectory, readTextFile, statFile, writeFileAtomic } from "../../host/files.ts";
import { makeKey, makeSelfSigned } from "./self_signed.ts";

/** How long one is valid: the most that Apple's systems take. */
export const OWN_DAYS = 820;
/** With fewer days left it is made anew. */
export const RENEW_DAYS = 60;
/** Most names in one. */
const NAMES_MAX = 64;
const DAY_MILLIS = 86_400_000;

export interface OwnCertificate {
  readonly cert: string;
  readonly key: string;
  readonly names: readonly string[];
  readonly notAfter: number;
  /** It is a new one. */
  readonly made: boolean;
  /** Why it could not be written down; undefined where it was, or is what was there. */
  readonly unkept: string | undefined;
}

/**
 * The certificate that the program signs itself, for its names and addresses: the one in `folder`, or a new one when that
 * runs out, cannot be used or lacks a name. The key stays the same.
 */
export async function ownCertificate(
  folder: string,
  wanted: { readonly commonName: string; readonly names: readonly string[] },
  now: number,
): Promise<OwnCertificate> {
  const certFile = `${folder}/own.pem`;
  const keyFile = `${folder}/own.key`;
  const [oldCert, oldKey] = [await read(certFile), await read(keyFile)];
  const old = look(oldCert, oldKey);
  if (old !== undefined && old.notAfter - now > RENEW_DAYS * DAY_MILLIS && hasAll(old, wanted.names)) {
    const { names, notAfter } = old;
    return { cert: oldCert, key: oldKey, names, notAfter, made: false, unkept: undefined };
  }
  const key = old === undefined ? await makeKey() : oldKey;
  const names = [...new Set([...wanted.names, ...old?.names ?? [], ...old?.addresses ?? []])];
  const about = { commonName: wanted.commonName, names: names.slice(0, NAMES_MAX) };
  const cert = await makeSelfSigned(key, about, now, OWN_DAYS);
  let unkept: string | undefined;
  try {
    await makeDirectory(folder);
    if (key !== oldKey) await writeFileAtomic(keyFile, key, 0o600);
    await writeFileAtomic(certFile, cert, 0o644);
  } catch (failure) {
    unkept = failure instanceof Error ? failure.message : String(failure);
  }
  const facts = readCertificate(cert, key);
  return { cert, key, names: facts.names, notAfter: facts.notAfter, made: true, unkept };
}

/** Empty where there is none, or none that may be read. */
async function read(path: string): Promise<string> {
  if (await statFile(path) === undefined) return "";
  return await readTextFile(path).catch(() => "");
}

function look(cert: string, key: string): CertificateFacts | undefined {
  try {
    return readCertificate(cert, key);
  } catch (failure) {
    if (failure instanceof Error) return undefined;
    throw failure;
  }
}

/** IPv6 addresses change by themselves: one that is missing is no reason for a new one. */
function hasAll(facts: CertificateFacts, names: readonly string[]): boolean {
  const has = new Set([...facts.names, ...facts.addresses]);
  return names.every((name) => name.includes(":") || has.has(name));
}
