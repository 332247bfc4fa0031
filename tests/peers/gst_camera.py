#!/usr/bin/python3
"""A camera on GStreamer's RTSP server, for the tests. Needs Debian's python3-gi and gir1.2-gst-rtsp-server-1.0.

Prints "ready PORT" once it listens. Each mount is an encoder pair that runs while somebody watches.
"""
import argparse

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

VIDEO = "videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=320,height=180,framerate=25/1 ! "
X264 = (
    VIDEO
    + "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 bitrate=300 {more} ! "
    + "video/x-h264,profile={profile} ! rtph264pay name=pay0 pt=96 config-interval={interval} "
)
H264 = X264.format(more="", profile="baseline", interval=-1)
TONE = "audiotestsrc is-live=true wave=sine volume=0.2 ! audio/x-raw,rate={rate},channels={channels} ! "
AAC = TONE.format(rate=48000, channels=2) + "audioconvert ! avenc_aac bitrate=64000 ! "
OPUS = TONE.format(rate=48000, channels=2) + "opusenc ! rtpopuspay name=pay1 pt=97 "

MOUNTS = {
    "h264": H264,
    "h264aac": H264 + AAC + "rtpmp4gpay name=pay1 pt=97 ",
    "h264bars": H264.replace("ball", "smpte100") + AAC + "rtpmp4gpay name=pay1 pt=97 ",
    "h264bframes": X264.format(more="bframes=2 b-adapt=false tune=0", profile="main", interval=-1),
    "h264latm": H264 + AAC + "rtpmp4apay name=pay1 pt=97 ",
    "h264pcma": H264 + TONE.format(rate=8000, channels=1) + "alawenc ! rtppcmapay name=pay1 pt=8 ",
    "h264pcmu": H264 + TONE.format(rate=8000, channels=1) + "mulawenc ! rtppcmupay name=pay1 pt=0 ",
    "h264l16": H264 + TONE.format(rate=44100, channels=2) + "audioconvert ! rtpL16pay name=pay1 pt=97 ",
    "h264mp3": H264 + TONE.format(rate=44100, channels=2) + "audioconvert ! lamemp3enc ! rtpmpapay name=pay1 pt=14 ",
    "h264opus": H264 + OPUS,
    "h265aac": VIDEO
    + "x265enc tune=zerolatency speed-preset=ultrafast key-int-max=25 ! rtph265pay name=pay0 pt=96 config-interval=1 "
    + AAC
    + "rtpmp4gpay name=pay1 pt=97 ",
    "h265bars": VIDEO.replace("ball", "smpte100")
    + "x265enc tune=zerolatency speed-preset=ultrafast key-int-max=25 ! rtph265pay name=pay0 pt=96 config-interval=1 "
    + AAC
    + "rtpmp4gpay name=pay1 pt=97 ",
    "mjpeg": VIDEO + "jpegenc ! rtpjpegpay name=pay0 pt=26 ",
    "mjpegpcma": VIDEO
    + "jpegenc ! rtpjpegpay name=pay0 pt=26 "
    + TONE.format(rate=8000, channels=1)
    + "alawenc ! rtppcmapay name=pay1 pt=8 ",
    "vp8opus": VIDEO + "vp8enc deadline=1 keyframe-max-dist=25 ! rtpvp8pay name=pay0 pt=96 " + OPUS,
    "vp9": VIDEO + "vp9enc deadline=1 cpu-used=8 keyframe-max-dist=25 ! rtpvp9pay name=pay0 pt=96 ",
    "aac": AAC + "rtpmp4gpay name=pay0 pt=97 ",
}


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", default="0")
    parser.add_argument("--user")
    parser.add_argument("--password", default="")
    parser.add_argument("--auth", default="digest", choices=["digest", "basic"])
    parser.add_argument("--tls-pem", help="certificate and key in one file: RTSPS")
    parser.add_argument("--multicast", help="first of the groups to send to, such as 239.255.42.1")
    parser.add_argument("--multicast-port", type=int, default=15000)
    parser.add_argument("--only", choices=["udp", "tcp", "mcast"], help="allow one transport only")
    return parser.parse_args()


def guard(server, args):
    """Authentication and TLS; answers the role that may play, or None where everybody may."""
    if args.user is None and args.tls_pem is None:
        return None
    role = "player"
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", role)
    if args.tls_pem:
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(args.tls_pem))
    if args.user is None:
        auth.set_default_token(token)
    elif args.auth == "digest":
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(args.user, args.password, token)
    else:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(args.user, args.password), token)
    server.set_auth(auth)
    return role


def main():
    args = arguments()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address(args.host)
    server.set_service(args.port)
    role = guard(server, args)
    ways = GstRtsp.RTSPLowerTrans
    allowed = {"udp": ways.UDP, "tcp": ways.TCP, "mcast": ways.UDP_MCAST}
    points = server.get_mount_points()
    for number, (name, launch) in enumerate(MOUNTS.items()):
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch("( " + launch + ")")
        factory.set_shared(True)
        factory.set_protocols(allowed.get(args.only, ways.UDP | ways.UDP_MCAST | ways.TCP))
        if args.multicast:
            start, last = args.multicast.rsplit(".", 1)
            group = start + "." + str(int(last) + number)
            port = args.multicast_port + 20 * number
            pool = GstRtspServer.RTSPAddressPool()
            pool.add_range(group, group, port, port + 19, 1)
            factory.set_address_pool(pool)
        if role is not None:
            rights = role + ", media.factory.access=(boolean)true, media.factory.construct=(boolean)true"
            factory.add_role_from_structure(Gst.Structure.new_from_string(rights))
        points.add_factory("/" + name, factory)
    if server.attach(None) == 0:
        raise SystemExit("cannot listen on " + args.host + ":" + args.port)
    print("ready", server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


main()
