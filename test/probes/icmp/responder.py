"""A host with many addresses at the far end of a link, which answers echo requests as it is told to.

Usage: responder.py INTERFACE. Orders come on standard input, one a line: "ADDRESS HOW [N]", where HOW is one of
  answer           each request
  silent           none
  drop N           all but every N-th
  lose N           all but N of a hundred, by chance from a fixed seed
  twice            each, three times
  late N           each, after N ms
  unreachable      each, by a router's "host unreachable"
Addresses that were not named are silent. Each kind of request, by address, traffic class and size, is told once, as a
line of JSON; so is each order when it is in force.
"""

import heapq
import json
import random
import select
import socket
import struct
import sys
import time

interface = sys.argv[1]
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))
link.bind((interface, 0))
link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
orders, counts, chance = {}, {}, random.Random(7)
seen, later = set(), []


def tell(what):
    print(json.dumps(what), flush=True)


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def turned(frame, icmp_at, addresses, size, reply_type, difference):
    """The frame sent back: both pairs of addresses swapped, the type changed, the checksum with it."""
    reply = bytearray(frame)
    reply[0:6], reply[6:12] = frame[6:12], frame[0:6]
    reply[addresses : addresses + size] = frame[addresses + size : addresses + 2 * size]
    reply[addresses + size : addresses + 2 * size] = frame[addresses : addresses + size]
    reply[icmp_at] = reply_type
    total = struct.unpack("!H", frame[icmp_at + 2 : icmp_at + 4])[0] + difference
    total = (total & 0xFFFF) + (total >> 16)
    reply[icmp_at + 2 : icmp_at + 4] = struct.pack("!H", total & 0xFFFF)
    return bytes(reply)


def unreachable(frame):
    quoted = frame[14:42]
    icmp = struct.pack("!BBHI", 3, 1, 0, 0) + quoted
    icmp = icmp[:2] + struct.pack("!H", checksum(icmp)) + icmp[4:]
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(icmp), 0, 0, 64, 1, 0, bytes([10, 8, 8, 254]), frame[26:30])
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    return frame[6:12] + frame[0:6] + b"\x08\x00" + header + icmp


def take(frame):
    kind = struct.unpack("!H", frame[12:14])[0]
    if kind == 0x0800 and frame[23] == 1 and frame[34] == 8:
        to = socket.inet_ntop(socket.AF_INET, frame[30:34])
        tos, size = frame[15], struct.unpack("!H", frame[16:18])[0] - 28
        reply = turned(frame, 34, 26, 4, 0, 0x0800)
    elif kind == 0x86DD and frame[20] == 58 and frame[54] == 128:
        to = socket.inet_ntop(socket.AF_INET6, frame[38:54])
        tos, size = (frame[14] & 15) << 4 | frame[15] >> 4, struct.unpack("!H", frame[18:20])[0] - 8
        # One's complement: adding 0xFEFF is subtracting 0x0100.
        reply = turned(frame, 54, 22, 16, 129, 0xFEFF)
    else:
        return
    if (to, tos, size) not in seen:
        seen.add((to, tos, size))
        tell({"to": to, "tos": tos, "sizeBytes": size})
    how, number = orders.get(to, ("silent", 0))
    counts[to] = counts.get(to, 0) + 1
    if how == "drop" and counts[to] % number == 0:
        return
    if how == "lose" and chance.randrange(100) < number:
        return
    if how == "unreachable":
        link.send(unreachable(frame))
    elif how == "late":
        heapq.heappush(later, (time.monotonic() + number / 1000, reply))
    elif how != "silent":
        for _ in range(3 if how == "twice" else 1):
            link.send(reply)


tell({"ready": True})
pending = b""
while True:
    wait = max(0, later[0][0] - time.monotonic()) if later else None
    readable, _, _ = select.select([link, sys.stdin.buffer.raw], [], [], wait)
    while later and later[0][0] <= time.monotonic():
        link.send(heapq.heappop(later)[1])
    if link in readable:
        frame, origin = link.recvfrom(65536)
        if origin[2] != socket.PACKET_OUTGOING:
            take(frame)
    if sys.stdin.buffer.raw in readable:
        chunk = sys.stdin.buffer.raw.read(4096)
        if not chunk:
            break
        *lines, pending = (pending + chunk).split(b"\n")
        for line in lines:
            address, how, *number = line.decode().split()
            orders[address] = (how, int(number[0]) if number else 0)
            tell({"order": line.decode()})
