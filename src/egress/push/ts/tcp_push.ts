import type { Scope } from "../../../base/scope.ts";
import { connectTcp, type TcpConnection } from "../../../host/tcp.ts";
import type { LiveStream } from "../../live/live_stream.ts";
import { parseDestination } from "../datagram/destination.ts";
import { type Push, type PushOptions, PushRefused, type PushServices } from "../push.ts";
import type { PushMeter } from "../push_meter.ts";
import { TS_TCP_PUSH } from "./descriptor.ts";
import { feedTs, type TsOut } from "./ts_taker.ts";

/** How long a receiver may take to answer, milliseconds. */
const CONNECT_MILLIS = 5000;
/** Bytes that may wait for a receiver that reads too slowly: some seconds of video. With more the push ends. */
const QUEUE_MAX = 8 * 1024 * 1024;
/** How long what is queued may take to leave at the end, milliseconds. */
const GOODBYE_MILLIS = 500;

/** A transport stream as the bytes of a connection; each write counts as a packet. */
class TcpOut implements TsOut {
  readonly #connection: TcpConnection;
  readonly #meter: PushMeter;

  constructor(connection: TcpConnection, meter: PushMeter) {
    this.#connection = connection;
    this.#meter = meter;
  }

  write(ts: Uint8Array): void {
    if (ts.length === 0) return;
    this.#connection.write(ts);
    this.#meter.bytes += ts.length;
    this.#meter.packets++;
  }

  flush(): void {}
}

export const tsTcpPush: Push = {
  descriptor: TS_TCP_PUSH,
  async run(scope: Scope, options: PushOptions, stream: LiveStream, services: PushServices): Promise<void> {
    const to = parseDestination(options.url);
    if (to === undefined) throw new PushRefused(`expected ${TS_TCP_PUSH.example}`);
    let closed = (_why: Error | undefined) => {};
    const gone = new Promise<never>((_, reject) => {
      closed = (why) => reject(why ?? new Error("the receiver closed the connection"));
    });
    gone.catch(() => undefined);
    const attempt = new AbortController();
    let leave = () => attempt.abort();
    scope.defer(() => leave());
    const connection = await scope.race(connectTcp({
      host: to.host,
      port: to.port,
      timeoutMs: CONNECT_MILLIS,
      signal: attempt.signal,
      maxQueuedBytes: QUEUE_MAX,
    }, { data() {}, close: (why) => closed(why) }));
    leave = () => {
      closed = () => {};
      connection.end();
      services.clock.after(GOODBYE_MILLIS, () => connection.destroy());
    };
    const out = new TcpOut(connection, services.meter);
    await Promise.race([feedTs(scope, stream, TS_TCP_PUSH, options, services, out), gone]);
  },
};
