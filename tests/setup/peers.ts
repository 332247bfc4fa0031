/**
 * Software not written here that tests talk to. A test file needs a peer when it, or what it imports from tests/,
 * mentions it; tests/run.ts installs what is missing through apt where it may, and otherwise leaves those files out.
 */
export interface Peer {
  readonly name: string;
  /** Shell command that succeeds when the peer is there, whole. */
  readonly check: string;
  /** Debian packages that bring it. */
  readonly packages: readonly string[];
  /** What a test that uses it has in its text. */
  readonly mention: RegExp;
  /** Not to be had by installing: what needs it is left out, with a word, also where nothing may be skipped. */
  readonly elsewhere?: true;
}

/** Debian's own Python: another one first in PATH has no GStreamer. */
const GSTREAMER_CHECK = [
  "for e in x264enc x265enc rtph264pay rtph265pay avenc_aac vp8enc vp9enc opusenc jpegenc rtspclientsink; do",
  "gst-inspect-1.0 $e >/dev/null || exit 1; done;",
  '/usr/bin/python3 -c \'import gi; gi.require_version("GstRtspServer", "1.0"); from gi.repository import GstRtspServer\'',
].join(" ");

export const PEERS: readonly Peer[] = [
  {
    name: "openssl",
    check: "openssl version",
    packages: ["openssl"],
    mention: /\bopenssl\b/,
  },
  {
    name: "ffmpeg",
    check: "ffmpeg -version && ffprobe -version",
    packages: ["ffmpeg"],
    mention: /\bff(mpeg|probe|play)\b/,
  },
  {
    name: "gstreamer",
    check: GSTREAMER_CHECK,
    packages: [
      "gstreamer1.0-tools",
      "gstreamer1.0-plugins-base",
      "gstreamer1.0-plugins-good",
      "gstreamer1.0-plugins-bad",
      "gstreamer1.0-plugins-ugly",
      "gstreamer1.0-libav",
      "gstreamer1.0-rtsp",
      "gir1.2-gst-rtsp-server-1.0",
      "gir1.2-gst-plugins-base-1.0",
      "python3-gi",
      "python3-gst-1.0",
    ],
    mention: /\bgst[-_]|GstRtsp|gstreamer|camera\.py/i,
  },
  {
    name: "chromium",
    check: "chromium --version",
    packages: ["chromium", "fonts-dejavu-core"],
    mention: /chromium/i,
  },
  {
    name: "firefox",
    check: "firefox-esr --version",
    packages: ["firefox-esr", "fonts-dejavu-core"],
    mention: /firefox/i,
  },
  {
    name: "the quirk-camera simulator beside the repository",
    check:
      'test -f ../shared/recipes/rtsp/quirk-camera.mjs && test -f "${RECIPES_WORK:-$HOME/.cache/recipes}"/media/h265aac.mp4',
    packages: [],
    mention: /quirk-camera\.mjs/,
    elsewhere: true,
  },
  {
    name: "prometheus",
    check: "promtool --version",
    packages: ["prometheus"],
    mention: /\bpromtool\b/,
  },
  {
    name: "python3-websocket",
    check: "/usr/bin/python3 -c 'import websocket'",
    packages: ["python3-websocket"],
    mention: /import [\w, ]*websocket\b/,
  },
  { name: "socat", check: "socat -V", packages: ["socat"], mention: /"socat"/ },
  { name: "curl", check: "curl --version", packages: ["curl"], mention: /"curl"/ },
  { name: "iproute2", check: "ip -V", packages: ["iproute2"], mention: /"ip"/ },
  { name: "tshark", check: "tshark --version", packages: ["tshark"], mention: /"tshark"/ },
  {
    name: "tstools",
    check: "command -v tsreport && command -v tsinfo",
    packages: ["tstools"],
    mention: /"ts(report|info)"/,
  },
  { name: "mkvtoolnix", check: "mkvinfo --version", packages: ["mkvtoolnix"], mention: /"mkvinfo"/ },
  {
    name: "oggz-tools",
    check: "command -v oggz-validate",
    packages: ["oggz-tools"],
    mention: /"oggz-validate"/,
  },
  { name: "flvmeta", check: "flvmeta --version", packages: ["flvmeta"], mention: /"flvmeta"/ },
  { name: "mediainfo", check: "mediainfo --Version", packages: ["mediainfo"], mention: /"mediainfo"/ },
  {
    name: "systemd-analyze",
    check: "command -v systemd-analyze",
    packages: ["systemd"],
    mention: /"systemd-analyze"/,
  },
  { name: "nghttp2", check: "h2load --version", packages: ["nghttp2-client"], mention: /\bh2load\b/ },
  { name: "nginx", check: "/usr/sbin/nginx -v", packages: ["nginx"], mention: /\bnginx\b/ },
];

/** Peers that a text mentions. */
export function peersIn(text: string): Peer[] {
  return PEERS.filter((peer) => peer.mention.test(text));
}
