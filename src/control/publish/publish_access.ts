import { AddressRanges, isAddressRange } from "../../base/address_range.ts";
import type { PublishSource } from "../../media/publish_source.ts";
import type { DigestHashes } from "../../wire/protocol/rtsp/auth.ts";
import { type Proof, proves } from "../../wire/protocol/rtsp/proof.ts";
import type { PlayAnswer } from "./door_messages.ts";
import type { PublishQuestion } from "./publish_messages.ts";

export interface AccessPorts {
  readonly hashes: DigestHashes;
  /** Addresses of a name; empty where it has none. */
  resolve(host: string): Promise<readonly string[]>;
}

/**
 * Whether somebody may publish into a stream: undefined, or why not. The right password, in the address or proved by
 * Basic or Digest with any user name, lets in from anywhere; without it the address counts, unless there is only a
 * password.
 */
export async function refusePublisher(
  source: PublishSource,
  question: PublishQuestion,
  ports: AccessPorts,
): Promise<{ readonly status: 401 | 403; readonly reason: string } | undefined> {
  const { password, host } = source;
  const { hashes } = ports;
  if (password !== "") {
    const given = question.password;
    const shown = given !== "" && hashes.sha256(given) === hashes.sha256(password);
    if (shown || proves(question.proof, { password }, hashes)) return undefined;
    if (host === "" || question.proof.kind !== "none") return { status: 401, reason: "" };
  }
  if (host === "" || await isFrom(host, question.remote, ports)) return undefined;
  if (password !== "") return { status: 401, reason: "" };
  return { status: 403, reason: "not from this address" };
}

/** What a player's proof is worth where the stream asks for `password`, with any user name. */
export function judgePlayer(password: string | undefined, proof: Proof, hashes: DigestHashes): PlayAnswer {
  if (password === undefined) return "open";
  return proves(proof, { password }, hashes) ? "right" : "wrong";
}

async function isFrom(host: string, remote: string, ports: AccessPorts): Promise<boolean> {
  const ranges = isAddressRange(host) ? [host] : await ports.resolve(host);
  return new AddressRanges(ranges).has(remote);
}
