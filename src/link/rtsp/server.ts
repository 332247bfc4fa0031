import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { md5Hex, randomBytes, sha256Hex } from "../../host/hash.ts";
import { listenTcp, type TcpServerTls } from "../../host/tcp.ts";
import { FirstBytes, HttpTunnels } from "./http_tunnel.ts";
import { SendingPorts } from "./sending_ports.ts";
import type { Asked, Cue, Playing, PlaySession, Publishing, RtspRefusal, ServedStream } from "./served.ts";
import { ServerConnection, type ServerCredentials } from "./server_connection.ts";

export type { PlaySession, ServedStream, ServedTrack } from "./served.ts";

/** Connections without a session that are kept; of more, the one that was there longest goes. */
export const HALF_OPEN_MAX = 1024;
/** How long a connection may be there without a session, milliseconds. */
const HALF_OPEN_MILLIS = 20_000;
/** Bytes that may wait for one player; more than it is given at a time, so that only those who cheat meet it. */
const QUEUE_MAX = 16 * 1024 * 1024;

type Answered<T> = T | RtspRefusal | Promise<T | RtspRefusal>;

export interface RtspServerOptions {
  /** Address to listen on; all of the machine's when left out. */
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** RTSPS. */
  readonly tls?: TcpServerTls;
  readonly clock: Clock;
  readonly log: Log;
  /** Authentication for everything but OPTIONS; where it depends on the path, `describe` and `announce` look at proofs. */
  readonly auth?: ServerCredentials;
  /** Session timeout that players are told, seconds; 60 when left out. */
  readonly timeoutSeconds?: number;
  /** Connections without a session that are kept; {@link HALF_OPEN_MAX} when left out. */
  readonly halfOpenMax?: number;
  /** Where datagrams leave from; own sockets when left out. */
  readonly sending?: SendingPorts;
  /** What a path (without leading slash and query) offers; undefined: 404. */
  describe(path: string, asked: Asked): Answered<ServedStream | undefined>;
  /** A player begins to play; what is answered is called once, when it is gone. Unless there is `cue`. */
  play?(session: PlaySession): () => void;
  /** A player is about to play, and is told where. */
  cue?(session: PlaySession): Cue;
  /** Somebody wants to publish what `sdp` describes. */
  announce?(asked: Asked, sdp: string): Answered<Publishing>;
}

export interface RtspServer {
  readonly port: number;
  /** Connections now. */
  readonly connections: number;
  /** Stops listening and says goodbye to all players. */
  close(): void;
}

/**
 * An RTSP 1.0 server: OPTIONS, DESCRIBE, SETUP (interleaved, UDP unicast and multicast), PLAY, PAUSE, ANNOUNCE, RECORD,
 * GET_PARAMETER, SET_PARAMETER and TEARDOWN, also inside HTTP. Rejects when the port cannot be had.
 */
export async function serveRtsp(o: RtspServerOptions): Promise<RtspServer> {
  const open = new Set<ServerConnection>();
  /** In the order they came. */
  const halfOpen = new Set<ServerConnection>();
  const tunnels = new HttpTunnels();
  const sending = o.sending ?? new SendingPorts();
  const announce = o.announce === undefined
    ? undefined
    : (asked: Asked, sdp: string) => o.announce?.(asked, sdp) ?? REFUSED;
  const listener = await listenTcp(
    {
      ...(o.host === undefined ? {} : { host: o.host }),
      ...(o.tls === undefined ? {} : { tls: o.tls }),
      port: o.port,
      maxQueuedBytes: QUEUE_MAX,
    },
    (tcp) => {
      const connection = new ServerConnection(tcp, {
        clock: o.clock,
        log: o.log,
        auth: o.auth,
        hashes: { md5: md5Hex, sha256: sha256Hex },
        nonce: hex(randomBytes(16)),
        sessionId: hex(randomBytes(8)),
        timeoutSeconds: o.timeoutSeconds ?? 60,
        idleMillis: HALF_OPEN_MILLIS,
        sending,
        describe: (path, asked) => o.describe(path, asked),
        cue: (session) => o.cue?.(session) ?? cueOf(session, o),
        announce,
        settled: (one) => halfOpen.delete(one),
        closed(gone) {
          open.delete(gone);
          halfOpen.delete(gone);
        },
      });
      open.add(connection);
      halfOpen.add(connection);
      if (halfOpen.size > (o.halfOpenMax ?? HALF_OPEN_MAX)) {
        const [oldest] = halfOpen;
        oldest?.drop("too many connections without a session");
      }
      return new FirstBytes(tcp, tunnels, connection);
    },
  );
  return {
    port: listener.port,
    get connections() {
      return open.size;
    },
    close() {
      listener.close();
      for (const connection of [...open]) connection.shut();
      if (o.sending === undefined) sending.close();
    },
  };
}

const REFUSED: RtspRefusal = { status: 403, reason: "" };

function cueOf(session: PlaySession, o: Pick<RtspServerOptions, "play">): Cue {
  return {
    heads: new Map(),
    begin: (): Playing => ({ stop: o.play?.(session) ?? (() => {}) }),
  };
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}
