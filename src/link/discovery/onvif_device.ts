import type { Clock } from "../../base/clock.ts";
import { md5Hex, random, randomBytes, sha1, sha256Hex } from "../../host/hash.ts";
import { type HttpGet, httpGet } from "../../host/http_get.ts";
import { parseEnvelope, printEnvelope } from "../../wire/protocol/onvif/envelope.ts";
import {
  type CameraProfile,
  type DeviceInformation,
  type MediaServices,
  readCapabilities,
  readDeviceInformation,
  readProfiles,
  readServices,
  readStreamUri,
  readSystemDateAndTime,
  REQUESTS,
} from "../../wire/protocol/onvif/services.ts";
import { XML_MAX, type XmlElement } from "../../wire/protocol/onvif/xml.ts";
import { Authorizer } from "../rtsp/authorizer.ts";

/** How long one answer is waited for, milliseconds. */
const ANSWER_MILLIS = 4000;
const NONCE_BYTES = 16;

export interface Login {
  /** Empty: none. */
  readonly user: string;
  readonly password: string;
}

/** The login is missing or wrong. */
export class LoginRefused extends Error {}

/** A stream of a camera, with its address; no login is in it. */
export interface CameraStream extends CameraProfile {
  readonly url: string;
}

/** The conversation with one device. */
export class OnvifDevice {
  readonly #url: URL;
  readonly #login: Login;
  readonly #clock: Clock;
  readonly #authorizer: Authorizer;
  /** The device's clock less ours, ms. */
  #ahead = 0;

  constructor(url: string, login: Login, clock: Clock) {
    this.#url = new URL(url);
    this.#login = login;
    this.#clock = clock;
    const hashes = { md5: md5Hex, sha256: sha256Hex };
    this.#authorizer = new Authorizer(login, hashes, random, true);
  }

  /** Reads the device's clock, which tokens have to go by; devices without one are taken to have ours. */
  async synchronise(): Promise<void> {
    try {
      const time = readSystemDateAndTime(await this.#ask(this.#url.href, REQUESTS.systemDateAndTime, false));
      if (time !== undefined) this.#ahead = time - this.#clock.wall();
    } catch (e) {
      if (!(e instanceof Error)) throw e;
    }
  }

  async information(): Promise<DeviceInformation> {
    return readDeviceInformation(await this.#ask(this.#url.href, REQUESTS.deviceInformation));
  }

  /** Streams of the newer media service, which alone tells of H.265; else of the older one. */
  async streams(): Promise<CameraStream[]> {
    const { media, media2 } = await this.#services();
    let failure: unknown;
    for (
      const [address, profiles, uriOf] of [
        [media2, REQUESTS.profiles2, REQUESTS.streamUri2],
        [media, REQUESTS.profiles, REQUESTS.streamUri],
      ] as const
    ) {
      if (address === "") continue;
      try {
        const url = this.#here(address);
        const found = await this.#streamsOf(url, profiles, uriOf);
        if (found.length > 0) return found;
      } catch (e) {
        if (e instanceof LoginRefused) throw e;
        failure = e;
      }
    }
    if (failure !== undefined) throw failure;
    return [];
  }

  async #streamsOf(url: string, profiles: string, uriOf: (token: string) => string): Promise<CameraStream[]> {
    const streams: CameraStream[] = [];
    for (const profile of readProfiles(await this.#ask(url, profiles))) {
      if (profile.token === "") continue;
      const uri = readStreamUri(await this.#ask(url, uriOf(profile.token)));
      if (/^rtsps?:\/\//i.test(uri)) streams.push({ ...profile, url: this.#reachable(uri) });
    }
    return streams;
  }

  async #services(): Promise<MediaServices> {
    try {
      const services = readServices(await this.#ask(this.#url.href, REQUESTS.services));
      if (services.media !== "" || services.media2 !== "") return services;
    } catch (e) {
      // devices from before GetServices
      if (e instanceof LoginRefused || !(e instanceof Error)) throw e;
    }
    const services = readCapabilities(await this.#ask(this.#url.href, REQUESTS.capabilities));
    return services.media === "" ? { ...services, media: this.#url.href } : services;
  }

  /** An address that the device gives, on the host by which it was reached: behind routers it knows its own one only. */
  #here(address: string): string {
    if (!URL.canParse(address)) return this.#url.href;
    const url = new URL(address);
    if (url.hostname !== this.#url.hostname) [url.hostname, url.port] = [this.#url.hostname, this.#url.port];
    return url.href;
  }

  /** A stream's address without a login, and not one of the device to itself. */
  #reachable(uri: string): string {
    const [, scheme, authority, rest] = /^(rtsps?:\/\/)([^/?]*)(.*)$/i.exec(uri) ?? [];
    const host = (authority ?? "").slice((authority ?? "").lastIndexOf("@") + 1);
    const own = /^(?:0\.0\.0\.0|127\.[\d.]+|localhost|\[::1?\])?(:\d+)?$/i.exec(host);
    const port = own?.[1] ?? "";
    return `${scheme}${own === null ? host : this.#url.hostname + port}${rest}`;
  }

  async #ask(url: string, body: string, withLogin = true): Promise<XmlElement> {
    const { user, password } = this.#login;
    const attempt = this.#authorizer.begin();
    const { pathname, search } = new URL(url);
    for (;;) {
      const token = withLogin && user !== ""
        ? { user, password, created: this.#clock.wall() + this.#ahead, nonce: randomBytes(NONCE_BYTES), sha1 }
        : undefined;
      const authorization = this.#authorizer.field(attempt, "POST", `${pathname}${search}`);
      const answer = await httpGet(url, {
        headers: {
          "content-type": "application/soap+xml; charset=utf-8",
          ...(authorization === undefined ? {} : { authorization }),
        },
        body: printEnvelope(body, token),
        tlsVerify: false,
        signal: AbortSignal.timeout(ANSWER_MILLIS),
      });
      const text = await textOf(answer);
      if (answer.status === 401) {
        if (this.#authorizer.challenged(attempt, [answer.header("www-authenticate")])) continue;
        throw new LoginRefused(user === "" ? "wants a login" : "refuses the login");
      }
      const read = parseEnvelope(text);
      if (read.kind === "ok") return read.body;
      if (read.kind === "fault" && read.denied) {
        throw new LoginRefused(user === "" ? "wants a login" : "refuses the login");
      }
      throw new Error(answer.status >= 400 && read.kind === "bad" ? `answers ${answer.status}` : read.why);
    }
  }
}

async function textOf(answer: HttpGet): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of answer.body) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > XML_MAX) throw new Error("answers too much");
  }
  return text;
}
