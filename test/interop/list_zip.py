"""Prints a line for each entry of a zip: size, CRC-32 and time of what was read, and its name."""

import calendar
import sys
import zipfile
import zlib

with zipfile.ZipFile(sys.argv[1]) as archive:
    for info in archive.infolist():
        size = crc32 = 0
        with archive.open(info) as data:
            while chunk := data.read(1 << 20):
                size += len(chunk)
                crc32 = zlib.crc32(chunk, crc32)
        seconds = calendar.timegm(info.date_time)
        line = f"{size}\t{crc32}\t{seconds}\t{info.filename}\n"
        sys.stdout.buffer.write(line.encode())
