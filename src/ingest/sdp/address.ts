/** Where a description is read from. */
export type SdpAddress =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "http"; readonly url: string };

/** Every URL of the input. */
export const SDP_PATTERN = /^(?:sdp:\/\/|(?:file:\/\/)?\/[^?#]*\.sdp$|https?:\/\/[^?#]*\.sdp(?:[?#]|$))/i;

/** Reads a source of the input; a string says what is expected instead. */
export function parseSdpAddress(url: string): SdpAddress | string {
  if (/^https?:/i.test(url)) {
    return URL.canParse(url) ? { kind: "http", url } : "a URL such as http://host/stream.sdp";
  }
  const path = url.replace(/^(?:sdp|file):\/\//i, "");
  return path.startsWith("/") && path.length > 1
    ? { kind: "file", path }
    : "the absolute path of a description, such as /etc/fogcast/studio.sdp";
}
