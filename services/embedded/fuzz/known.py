"""Ids and names that exist, learned from answers, in the place of most of those that are made up."""

import re
import threading
import zlib
from collections import defaultdict, deque

NOUNS = {
    "project": "project", "projects": "project",
    "workflow": "workflow", "workflows": "workflow",
    "session": "session", "sessions": "session",
    "attempt": "attempt", "attempts": "attempt", "logs": "attempt", "retries": "attempt",
    "schedule": "schedule", "schedules": "schedule",
    "revisions": "revision", "files": "file", "tasks": "task", "secrets": "secret",
}
TIMES = (
    "2026-01-01", "2026-11-24T00:00:00", "2026-11-24T00:00:00+09:00", "2026-03-08T02:30:00",
    "2024-02-29T23:59:59.999Z", "2000-01-01T00:00:00Z",
)


class Known:
    """The last of each kind: older ones are left to the lists that the API answers."""

    def __init__(self):
        self._ids = defaultdict(lambda: deque(maxlen=60))
        self._names = defaultdict(lambda: deque(maxlen=60))
        self._lock = threading.Lock()
        self._revisions = 0

    def learn(self, path, answer):
        with self._lock:
            self._walk(_noun_of(path), answer)

    def _walk(self, noun, value):
        if isinstance(value, list):
            for item in value[:20]:
                self._walk(noun, item)
        if not isinstance(value, dict):
            return
        if noun and str(value.get("id", "")).isdigit():
            self._keep(self._ids[noun], int(value["id"]))
        for field, kind in (("name", noun), ("revision", "revision"), ("fileName", "file"), ("fullName", "task"), ("key", "secret")):
            if kind and isinstance(value.get(field), str):
                self._keep(self._names[kind], value[field])
        if str(value.get("sessionId", "")).isdigit():
            self._keep(self._ids["session"], int(value["sessionId"]))
        for key, item in value.items():
            if key in NOUNS:
                self._walk(NOUNS[key], item)

    @staticmethod
    def _keep(kept, value):
        if value not in kept:
            kept.append(value)

    def id(self, noun, made_up, of_five=4):
        """Most made-up ids become known ones; what is no valid id stays as it is."""
        valid = isinstance(made_up, int) and not isinstance(made_up, bool) and made_up > 0
        return self.one_of(self._ids[noun], made_up, of_five) if valid else made_up

    def name(self, noun, made_up):
        return self.one_of(self._names[noun], made_up) if isinstance(made_up, str) else made_up

    def time(self, made_up):
        if not isinstance(made_up, str) or _number(made_up) % 2:
            return self.one_of(TIMES, made_up) if isinstance(made_up, str) else made_up
        # Most sessions have an attempt soon, so that new ones are needed.
        return f"20{_number(made_up) % 90 + 10}-0{_number(made_up) % 9 + 1}-1{_number(made_up) % 7}T0{_number(made_up) % 10}:00:00Z"

    def new_revision(self, made_up):
        # The empty text, which is made up most often, has number 0.
        if not isinstance(made_up, str) or _number(made_up) % 5 == 4:
            return made_up
        with self._lock:
            self._revisions += 1
            return f"r{self._revisions}"

    def one_of(self, known, made_up, of_five=4):
        with self._lock:
            kept = list(known)
        number = _number(made_up)
        return made_up if not kept or number % 5 >= of_five else kept[number // 5 % len(kept)]


def _number(value):
    """Of the value alone, so that the same case is sent the same way."""
    return zlib.crc32(str(value).encode("utf-8", "surrogatepass"))


def _noun_of(path):
    found = [NOUNS[word] for word in re.split(r"/", path) if word in NOUNS]
    return found[-1] if found else None


def ids_in(path):
    """Of the path's `{id}`, and of `last_id`: what they are ids of."""
    of_id = re.search(r"/(\w+)/\{id\}", path)
    return NOUNS.get(of_id.group(1)) if of_id else None, _noun_of(path)
