import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { md5Hex, randomBytes, sha256Hex } from "../../host/hash.ts";
import { listenTcp } from "../../host/tcp.ts";
import { ServerAuth, type ServerCredentials } from "./server_auth.ts";
import { type PlaySession, type ServedStream, ServerConnection } from "./server_connection.ts";

export type { PlaySession, ServedStream, ServedTrack } from "./server_connection.ts";

export interface RtspServerOptions {
  /** Address to listen on; all of the machine's when left out. */
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Digest authentication for everything but OPTIONS. */
  readonly auth?: ServerCredentials;
  /** Session timeout that players are told, seconds; 60 when left out. */
  readonly timeoutSeconds?: number;
  /** What a path (without leading slash and query) offers; undefined: 404. */
  describe(path: string): ServedStream | undefined | Promise<ServedStream | undefined>;
  /** A player begins to play; what is answered is called once, when it is gone. */
  play(session: PlaySession): () => void;
}

export interface RtspServer {
  readonly port: number;
  /** Players connected now. */
  readonly connections: number;
  /** Stops listening and says goodbye to all players. */
  close(): void;
}

/**
 * An RTSP 1.0 server: OPTIONS, DESCRIBE, SETUP (interleaved or UDP unicast), PLAY, GET_PARAMETER, SET_PARAMETER and
 * TEARDOWN. Rejects when the port cannot be had.
 */
export async function serveRtsp(o: RtspServerOptions): Promise<RtspServer> {
  const open = new Set<ServerConnection>();
  const listener = await listenTcp(
    { ...(o.host === undefined ? {} : { host: o.host }), port: o.port },
    (tcp) => {
      const connection = new ServerConnection(tcp, {
        clock: o.clock,
        log: o.log,
        auth: o.auth === undefined
          ? undefined
          : new ServerAuth(o.auth, { md5: md5Hex, sha256: sha256Hex }, hex(randomBytes(16))),
        sessionId: hex(randomBytes(8)),
        timeoutSeconds: o.timeoutSeconds ?? 60,
        describe: (path) => o.describe(path),
        play: (session) => o.play(session),
        closed: (gone) => open.delete(gone),
      });
      open.add(connection);
      return connection;
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
    },
  };
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}
