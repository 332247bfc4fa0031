/** What a plain program that fetches an HLS stream got. */
export interface Download {
  /** Numbers of the segments, in order. */
  readonly segments: number[];
  /** Init section and segments, one behind the other. */
  readonly pieces: Uint8Array[];
  /** Everything that was not as it should be. */
  readonly faults: string[];
  /** Longest time that a request for the next part was held, milliseconds. */
  readonly longest: number;
}

/**
 * Follows a media playlist as low-latency players do, every part by its own blocking request, and fetches each segment
 * once, until `ended`. Every request goes over a connection of its own every other time, so both ways are tried.
 */
export async function download(url: string, ended: () => boolean): Promise<Download> {
  const segments: number[] = [];
  const pieces: Uint8Array[] = [];
  const faults: string[] = [];
  let longest = 0;
  let asked = 0;
  const get = async (address: string, again = true): Promise<Uint8Array | undefined> => {
    try {
      const headers: Record<string, string> = asked++ % 2 === 0 ? { connection: "close" } : {};
      const answer = await fetch(new URL(address, url), { headers });
      const body = new Uint8Array(await answer.arrayBuffer());
      if (answer.status !== 200) faults.push(`${address}: ${answer.status}`);
      return answer.status === 200 ? body : undefined;
    } catch (failure) {
      // a connection in the queue of a listener that closes is reset: clients ask again, RFC 9110, 9.2.2
      if (again) return await get(address, false);
      faults.push(`${address}: ${failure}`);
      return undefined;
    }
  };
  let query = "";
  while (!ended()) {
    const before = performance.now();
    const body = await get(`index.m3u8${query}`);
    if (query !== "") longest = Math.max(longest, performance.now() - before);
    if (body === undefined) continue;
    const text = new TextDecoder().decode(body);
    if (text.includes("#EXT-X-DISCONTINUITY\n")) faults.push("a discontinuity");
    const names = [...text.matchAll(/^(\d+)\.m4s$/gm)].map((m) => Number(m[1]));
    if (pieces.length === 0) {
      const init = /#EXT-X-MAP:URI="([^"]+)"/.exec(text)?.[1];
      const bytes = init === undefined ? undefined : await get(init);
      if (bytes !== undefined) pieces.push(bytes);
    }
    for (const msn of names) {
      if (segments.includes(msn) || msn < (segments.at(-1) ?? 0)) continue;
      const bytes = await get(`${msn}.m4s`);
      if (bytes === undefined) continue;
      const last = segments.at(-1);
      if (last !== undefined && msn !== last + 1) faults.push(`segment ${msn} behind ${last}`);
      segments.push(msn);
      pieces.push(bytes);
    }
    const parts = [...(text.split("#EXTINF").at(-1) ?? "").matchAll(/#EXT-X-PART:/g)].length;
    query = `?_HLS_msn=${(names.at(-1) ?? 0) + 1}&_HLS_part=${parts}`;
  }
  return { segments, pieces, faults, longest };
}
