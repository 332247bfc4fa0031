import type { ListenAddress } from "../config/listen_address.ts";
import type { RtspServerConfig } from "../config/sections/rtsp_server.ts";
import type { GroupSettings } from "../egress/rtsp/group_places.ts";

/** What the RTSP worker gets of the configuration. */
export interface RtspSettings
  extends Pick<RtspServerConfig, "listen" | "packetSize" | "timeoutMillis" | "accounts"> {
  readonly tls:
    | { readonly listen: readonly ListenAddress[]; readonly cert: string; readonly key: string }
    | undefined;
  readonly groups: GroupSettings;
}

/** `read` gives the text of the certificate's files. */
export async function rtspSettings(
  config: RtspServerConfig,
  read: (path: string) => Promise<string>,
): Promise<RtspSettings> {
  const { listen, packetSize, timeoutMillis, accounts, tls, multicast } = config;
  return {
    listen,
    packetSize,
    timeoutMillis,
    accounts,
    tls: tls === undefined
      ? undefined
      : { listen: tls.listen, cert: await read(tls.cert), key: await read(tls.key) },
    groups: {
      first: multicast.group,
      firstPort: multicast.port,
      ttl: multicast.ttl,
      interface: multicast.interface,
    },
  };
}
