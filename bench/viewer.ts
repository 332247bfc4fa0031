import { type Answer, HttpClient } from "./http_client.ts";

/**
 * One viewer of the video of a stream, as LL-HLS players do it: asks for the part that the playlist hints at, which the
 * server holds until the part is complete, then for the playlist that has this part, and so on.
 */
export class Viewer {
  readonly #http: HttpClient;
  readonly #folder: string;
  #playlist: string;
  /** Answers other than 200, and hints that were not followed up. */
  failures = 0;

  private constructor(http: HttpClient, folder: string, playlist: string) {
    this.#http = http;
    this.#folder = folder;
    this.#playlist = playlist;
  }

  /** `origin`: such as `http://127.0.0.1:8080`. Waits until the stream has begun. */
  static async join(origin: string, stream: string): Promise<Viewer> {
    const http = await HttpClient.connect(origin);
    await http.text(`/hls/${stream}/index.m3u8`);
    const folder = `/hls/${stream}/0/`;
    return new Viewer(http, folder, await http.text(`${folder}index.m3u8`));
  }

  /** The next part, whole. */
  async part(): Promise<Answer> {
    for (;;) {
      const hint = /#EXT-X-PRELOAD-HINT:TYPE=PART,URI="((\d+)\.(\d+)\.m4s)"/.exec(this.#playlist);
      if (hint === null) throw new Error(`No preload hint in\n${this.#playlist}`);
      const [, file, msn, part] = hint;
      const answer = await this.#http.get(this.#folder + file);
      const playlist = await this.#http.get(
        `${this.#folder}index.m3u8?_HLS_msn=${msn}&_HLS_part=${part}&_HLS_skip=YES`,
      );
      if (playlist.status === 200) this.#playlist = new TextDecoder().decode(playlist.body);
      else this.failures++;
      if (answer.status === 200) return answer;
      // 404: the segment ended before this part; anything else is a fault
      if (answer.status !== 404) this.failures++;
    }
  }

  close(): void {
    this.#http.close();
  }
}
