import type { Scope } from "../../base/scope.ts";
import { findReceivable, type ReceivableMedia, type SdpProblem } from "../../wire/protocol/sdp/receivable.ts";
import type { FrameSink } from "../frame_sink.ts";
import { isGroup } from "../../base/multicast.ts";
import { refuseFormat } from "../rtp/readable.ts";
import { type IngestServices, optionValue, Refused, type Source, type SourceOptions } from "../source.ts";
import { runUdp } from "../ts/from_udp.ts";
import { TsIntake } from "../ts/intake.ts";
import { parseSdpAddress } from "./address.ts";
import { SDP_DESCRIPTOR } from "./descriptor.ts";
import { hostOf } from "./media_receiver.ts";
import { readDescription, watchDescription } from "./read_description.ts";
import { SdpSession, type WantedMedia } from "./session.ts";

/** What was said of the description. */
const TOLD = "sdp told";

/** RTP as a session description tells of it. */
export const sdpSource: Source = { descriptor: SDP_DESCRIPTOR, run };

async function run(
  scope: Scope,
  options: SourceOptions,
  sink: FrameSink,
  services: IngestServices,
): Promise<void> {
  const address = parseSdpAddress(options.url);
  if (typeof address === "string") throw new Refused(`expected ${address}`);
  const value = (name: string) => optionValue(SDP_DESCRIPTOR, options, name);
  const tlsVerify = value("tlsVerify") === true;
  const text = await readDescription(address, tlsVerify, services.clock);
  if (scope.closed) return;
  let changed = false;
  const stopWatching = watchDescription(address, text, tlsVerify, services.clock, () => changed = true);
  const shared = {
    valid() {
      if (changed) throw new Error("the description has changed");
    },
    silenceMillis: Number(value("timeout")),
    reorderMillis: Number(value("reorderMillis")),
    interface: String(value("interface")),
  };
  try {
    const { medias, problems } = findReceivable(text);
    const transport = medias.find((m) => isTransportStream(m));
    if (transport !== undefined) {
      const { clock, tally, log } = services;
      const intake = new TsIntake({ program: 0, clock, sink, tally, log });
      const at = {
        kind: "udp",
        host: hostOf(transport.address),
        port: transport.media.port,
        group: isGroup(transport.address),
        source: transport.media.sources[0] ?? "",
        interface: "",
      } as const;
      return await runUdp(scope, at, { program: 0, parity: true, ...shared }, intake, services);
    }
    const wanted = choose(medias, problems, String(value("tracks")), services);
    const session = new SdpSession(wanted, shared, sink, services);
    try {
      await session.run(scope);
    } finally {
      session.close();
    }
  } finally {
    stopWatching();
  }
}

function isTransportStream({ media }: ReceivableMedia): boolean {
  return media.protocol.includes("MP2T") || media.formats.some((f) => f.encoding === "MP2T");
}

/** The sections to receive. Throws {@link Refused} with all that is wrong when there is none. */
function choose(
  medias: readonly ReceivableMedia[],
  found: readonly SdpProblem[],
  tracks: string,
  services: IngestServices,
): WantedMedia[] {
  const problems = [...found];
  const wanted: WantedMedia[] = [];
  for (const receivable of medias) {
    const { media, line } = receivable;
    if (tracks !== "all" && !tracks.split("+").includes(media.type)) continue;
    if (!media.protocol.startsWith("RTP/")) {
      problems.push({ line, why: `m=${media.type} is not RTP (${media.protocol})` });
      continue;
    }
    const formats = media.formats.filter((format) => refuseFormat(format) === undefined);
    if (formats.length > 0) wanted.push({ receivable, formats });
    else {
      const names = media.formats.map((f) => f.encoding || `payload type ${f.payloadType}`).join(", ");
      problems.push({ line, why: `m=${media.type} is ${names}, which fogcast does not read` });
    }
  }
  const texts = problems.map((p) => `line ${p.line}: ${p.why}`);
  if (wanted.length === 0) {
    throw new Refused(texts.slice(0, 5).join("; ") || `no ${tracks} in the description`);
  }
  const receives = `receives ${wanted.map((w) => w.formats[0]?.encoding).join(" + ")}`;
  // a silent sender's description is read every few seconds
  const told = [...texts, receives].join("\n");
  if (services.remember.get(TOLD) !== told) {
    for (const text of texts) services.log.warn(text);
    services.log.info(receives);
    services.remember.set(TOLD, told);
  }
  return wanted;
}
