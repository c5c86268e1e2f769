"""Real archives for the push, among bytes that are none."""

import gzip
import io
import tarfile

import schemathesis
from hypothesis import strategies as st

WORKFLOWS = (
    "+a:\n  echo>: hi\n",
    "schedule:\n  daily>: 07:00:00\ntimezone: Asia/Tokyo\n+a:\n  echo>: ${session_time}\n",
    "_export:\n  a: {b: [1, null, x]}\n+a:\n  if>: ${a}\n  _do:\n    +b:\n      echo>: x\n",
    "+a: [\n",
    "+a:\n  unknown>: x\n",
    "\x00",
    "",
)
NAMES = ("a.dig", "b.dig", "dir/c.sql", "é.dig", "a" * 120, "../x", "/x", "a//b.dig", "a\\b")


def archive(files, kind):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, text in files:
            content = text.encode()
            entry = tarfile.TarInfo(name)
            entry.type = kind if name.startswith("dir/") else tarfile.REGTYPE
            entry.linkname = "a.dig"
            entry.size = len(content) if entry.isreg() else 0
            tar.addfile(entry, io.BytesIO(content))
    return gzip.compress(out.getvalue(), mtime=0)


files = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(WORKFLOWS)), max_size=4)
kinds = st.sampled_from((tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE))
whole = st.builds(archive, files, kinds)
cut = st.builds(lambda data, end: data[: end % (len(data) + 1)], whole, st.integers(0, 10_000))
schemathesis.openapi.media_type("application/gzip", st.one_of(whole, whole, cut, st.binary(max_size=64)))


@schemathesis.serializer("application/gzip")
def send_bytes(_, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
