#!/usr/bin/python3
"""Asks once who is in which group, as a router does: igmp_query.py ADDRESS-OF-THE-INTERFACE. Needs root."""
import socket
import struct
import sys


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def general_query():
    """RFC 3376, 4.1; to be answered within 0.1 s."""
    text = struct.pack("!BBH4sBBH", 0x11, 1, 0, bytes(4), 2, 125, 0)
    return text[:2] + struct.pack("!H", checksum(text)) + text[4:]


router_alert = b"\x94\x04\x00\x00"
sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IGMP)
sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(sys.argv[1]))
sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
sender.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, router_alert)
sender.sendto(general_query(), ("224.0.0.1", 0))
