"""Trivy's database, written by hand: the same advisories for it as for Ingot, without its registry, which can't be asked everywhere.

The file is bbolt's. Each bucket has one page, as long as it must be; the small ones in it are inline, as bbolt itself keeps them. Source: go.etcd.io/bbolt, page.go, bucket.go; aquasecurity/trivy-db, pkg/db.
"""

import json
import struct

PAGE = 4096
BUCKET, LEAF, META, FREELIST = 0x01, 0x02, 0x04, 0x10


def checksum(data):
    """FNV-1a with 64 bits."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % (1 << 64)
    return value


def page(number, flags, count, body):
    overflow = max(0, (16 + len(body) + PAGE - 1) // PAGE - 1)
    data = struct.pack("<QHHI", number, flags, count, overflow) + body
    return data + bytes(-len(data) % PAGE)


def leaf(items):
    """Of sorted keys: the elements, then keys and values; each element says how far its key is behind it."""
    elements, data = b"", b""
    for index, (key, value, flags) in enumerate(items):
        elements += struct.pack("<IIII", flags, 16 * (len(items) - index) + len(data), len(key), len(value))
        data += key + value
    return elements + data


def items(contents):
    """The sorted keys of a bucket: values are bytes, or buckets of bytes."""
    found = []
    for key in sorted(contents):
        value = contents[key]
        nested = isinstance(value, dict)
        found.append((key.encode(), inline(value) if nested else value, BUCKET if nested else 0))
    return found


def inline(contents):
    """A header without a page of its own, then the page."""
    return struct.pack("<QQ", 0, 0) + struct.pack("<QHHI", 0, LEAF, len(contents), 0) + leaf(items(contents))


def write(folder, contents):
    """A dictionary of buckets."""
    body, headers, number = b"", [], 4
    for name in sorted(contents):
        if len(contents[name]) > 0xFFFF:
            raise ValueError(f"{name} has more keys than fit on a page")
        data = page(number, LEAF, len(contents[name]), leaf(items(contents[name])))
        headers.append((name.encode(), struct.pack("<QQ", number, 0), BUCKET))
        body += data
        number += len(data) // PAGE
    root = page(3, LEAF, len(headers), leaf(headers))
    if len(root) != PAGE:
        raise ValueError("there are more buckets than fit on a page")

    def meta(transaction):
        fields = struct.pack("<IIIIQQQQQ", 0xED0CDAED, 2, PAGE, 0, 3, 0, 2, number, transaction)
        return page(transaction, META, 0, fields + struct.pack("<Q", checksum(fields)))

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "trivy.db").write_bytes(meta(0) + meta(1) + page(2, FREELIST, 0, b"") + root + body)
    times = {"UpdatedAt": "2026-11-26T00:00:00Z", "NextUpdate": "2099-01-01T00:00:00Z", "DownloadedAt": "2026-11-26T00:00:00Z"}
    (folder / "metadata.json").write_text(json.dumps({"Version": 2} | times))


def debian(folder, release, rows):
    """Rows of source package, vulnerability and the version that mends it."""
    advisories, known = {}, {}
    for package, name, fixed in rows:
        advisories.setdefault(package, {})[name] = json.dumps({"FixedVersion": fixed, "Severity": 3}).encode()
        known[name] = json.dumps({"Title": name, "Severity": "HIGH", "VendorSeverity": {"debian": 3}}).encode()
    source = json.dumps({"ID": "debian", "Name": "Debian Security Tracker", "URL": "https://salsa.debian.org/security-tracker-team"}).encode()
    write(folder, {f"debian {release}": advisories, "data-source": {f"debian {release}": source}, "vulnerability": known})
