/** A stream as `/streams.json` lists it. */
export interface ListedStream {
  readonly name: string;
  readonly state: string;
  readonly reason: string;
  readonly tracks: readonly {
    readonly codec: string;
    readonly label: string;
  }[];
}

/** What the states are called. */
export const STATES: Readonly<Record<string, string>> = {
  idle: "starts with the first viewer",
  connecting: "connecting to the camera",
  online: "live",
  waiting: "offline",
  refused: "refused",
};

/** How often the list is read, milliseconds; the second while somebody waits for a stream to start. */
const EVERY = 3000;
const WHILE_STARTING = 700;

/** Reads the list again and again; `show` answers whether somebody waits, `fail` gets why it could not be read. */
export async function followStreams(
  show: (streams: readonly ListedStream[]) => boolean,
  fail: (reason: string) => void,
): Promise<void> {
  for (;;) {
    let pause = EVERY;
    try {
      const answer = await fetch("streams.json", { cache: "no-store" });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      if (show(await answer.json() as ListedStream[])) pause = WHILE_STARTING;
    } catch (error) {
      fail(error instanceof Error ? error.message : String(error));
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
