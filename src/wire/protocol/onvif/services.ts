// ONVIF Device, Media (ver10) and Media2 (ver20) services: the requests that find a camera's streams.
import { escapeXml, type XmlElement } from "./xml.ts";

export const DEVICE = "http://www.onvif.org/ver10/device/wsdl";
export const MEDIA = "http://www.onvif.org/ver10/media/wsdl";
export const MEDIA2 = "http://www.onvif.org/ver20/media/wsdl";
const SCHEMA = "http://www.onvif.org/ver10/schema";

/** Profiles of a camera that are looked at. */
export const PROFILES_MAX = 64;

/** Bodies of requests. */
export const REQUESTS = {
  systemDateAndTime: `<GetSystemDateAndTime xmlns="${DEVICE}"/>`,
  deviceInformation: `<GetDeviceInformation xmlns="${DEVICE}"/>`,
  services: `<GetServices xmlns="${DEVICE}"><IncludeCapability>false</IncludeCapability></GetServices>`,
  capabilities: `<GetCapabilities xmlns="${DEVICE}"><Category>All</Category></GetCapabilities>`,
  profiles: `<GetProfiles xmlns="${MEDIA}"/>`,
  profiles2: `<GetProfiles xmlns="${MEDIA2}"><Type>All</Type></GetProfiles>`,
  streamUri: (token: string) =>
    `<GetStreamUri xmlns="${MEDIA}"><StreamSetup><Stream xmlns="${SCHEMA}">RTP-Unicast</Stream>` +
    `<Transport xmlns="${SCHEMA}"><Protocol>RTSP</Protocol></Transport></StreamSetup>` +
    `<ProfileToken>${escapeXml(token)}</ProfileToken></GetStreamUri>`,
  streamUri2: (token: string) =>
    `<GetStreamUri xmlns="${MEDIA2}"><Protocol>RTSP</Protocol>` +
    `<ProfileToken>${escapeXml(token)}</ProfileToken></GetStreamUri>`,
} as const;

export interface DeviceInformation {
  readonly manufacturer: string;
  readonly model: string;
  readonly firmware: string;
  readonly serial: string;
}

/** Reads the body of GetDeviceInformationResponse. */
export function readDeviceInformation(body: XmlElement): DeviceInformation {
  const of = (name: string) => body.textOf("GetDeviceInformationResponse", name);
  return {
    manufacturer: of("Manufacturer"),
    model: of("Model"),
    firmware: of("FirmwareVersion"),
    serial: of("SerialNumber"),
  };
}

/** The device's clock, Unix ms; undefined where it says none. */
export function readSystemDateAndTime(body: XmlElement): number | undefined {
  const utc = body.find("GetSystemDateAndTimeResponse", "SystemDateAndTime", "UTCDateTime");
  const year = utc?.numberOf("Date", "Year") ?? 0;
  if (utc === undefined || year < 1970) return undefined;
  const [month, day] = [utc.numberOf("Date", "Month"), utc.numberOf("Date", "Day")];
  const of = (name: string) => utc.numberOf("Time", name);
  return Date.UTC(year, month - 1, day, of("Hour"), of("Minute"), of("Second"));
}

/** Addresses of the media services; empty where there is none. */
export interface MediaServices {
  readonly media: string;
  readonly media2: string;
}

/** Reads the body of GetServicesResponse. */
export function readServices(body: XmlElement): MediaServices {
  const services = body.find("GetServicesResponse")?.all("Service") ?? [];
  const of = (namespace: string) =>
    services.find((s) => s.textOf("Namespace").replace(/\/$/, "") === namespace)?.textOf("XAddr") ?? "";
  return { media: of(MEDIA), media2: of(MEDIA2) };
}

/** Reads the body of GetCapabilitiesResponse, which older devices have in its place. */
export function readCapabilities(body: XmlElement): MediaServices {
  return { media: body.textOf("GetCapabilitiesResponse", "Capabilities", "Media", "XAddr"), media2: "" };
}

/** One of a camera's streams. */
export interface CameraProfile {
  readonly token: string;
  readonly name: string;
  /** As the camera writes it, upper case: H264, H265, JPEG; empty for one without a picture. */
  readonly video: string;
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  /** As the camera writes it, upper case: AAC, G711, PCMU; empty for one without sound. */
  readonly audio: string;
}

/** Reads the body of GetProfilesResponse, of either media service. */
export function readProfiles(body: XmlElement): CameraProfile[] {
  const profiles = body.find("GetProfilesResponse")?.all("Profiles") ?? [];
  return profiles.slice(0, PROFILES_MAX).map((profile) => {
    const video = profile.find("Configurations", "VideoEncoder") ?? profile.find("VideoEncoderConfiguration");
    const audio = profile.find("Configurations", "AudioEncoder") ?? profile.find("AudioEncoderConfiguration");
    return {
      token: profile.attributes.get("token") ?? "",
      name: profile.textOf("Name"),
      video: (video?.textOf("Encoding") ?? "").toUpperCase(),
      width: video?.numberOf("Resolution", "Width") ?? 0,
      height: video?.numberOf("Resolution", "Height") ?? 0,
      framesPerSecond: video?.numberOf("RateControl", "FrameRateLimit") ?? 0,
      audio: (audio?.textOf("Encoding") ?? "").toUpperCase(),
    };
  });
}

/** Reads the body of GetStreamUriResponse, of either media service; empty where there is none. */
export function readStreamUri(body: XmlElement): string {
  const answer = body.find("GetStreamUriResponse");
  return answer?.textOf("MediaUri", "Uri") || answer?.textOf("Uri") || "";
}
