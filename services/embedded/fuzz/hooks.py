"""What schemathesis cannot know from the OpenAPI document: archives, and ids and names that exist."""

import atexit
import gzip
import io
import sys
import tarfile
from collections import Counter
from pathlib import Path

import schemathesis
from hypothesis import strategies as st
from schemathesis.generation.meta import ParameterLocation

sys.path.insert(0, str(Path(__file__).parent))

from known import Known, ids_in  # noqa: E402
from projects import broken, valid  # noqa: E402


def archive(files, kind):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.type = kind if name.startswith("dir/") else tarfile.REGTYPE
            entry.linkname = "a.dig"
            entry.size = len(content) if entry.isreg() else 0
            tar.addfile(entry, io.BytesIO(content))
    return gzip.compress(out.getvalue(), mtime=0)


kinds = st.sampled_from((tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE))
good = st.builds(archive, valid, st.just(tarfile.REGTYPE))
bad = st.builds(archive, st.one_of(broken, st.builds(list.__add__, valid, broken)), kinds)
cut = st.builds(lambda data, end: data[: end % (len(data) + 1)], good, st.integers(0, 10_000))
schemathesis.openapi.media_type("application/gzip", st.one_of(good, good, good, good, bad, cut, st.binary(max_size=64)))


@schemathesis.serializer("application/gzip")
def send_bytes(_, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


known = Known()
NEW_PROJECTS = ("fuzzed", "日本", *(f"p{number}" for number in range(20)))
NAME_NOUNS = {"project": "project", "workflow": "workflow", "task": "task", "fileName": "file", "revision": "revision", "key": "secret"}


def is_wrong(case, location):
    """Whether this part of a request was made to be refused: then what is wrong with it stays."""
    made = case.meta.components.get(location) if case.meta is not None else None
    return made is not None and made.mode.is_negative


@schemathesis.hook
def before_call(context, case, kwargs):
    path = case.operation.path
    of_id, of_last = ids_in(path)
    push = case.method.upper() == "PUT" and path == "/api/projects"
    for location, place in ((ParameterLocation.PATH, case.path_parameters), (ParameterLocation.QUERY, case.query)):
        if is_wrong(case, location):
            continue
        for name, value in list((place or {}).items()):
            if name == "id" and path == "/api/projects/{id}" and case.method.upper() == "DELETE":
                # Else there would soon be none.
                place[name] = known.id(of_id, value, of_five=1)
            elif name == "id":
                place[name] = known.id(of_id, value)
            elif name == "last_id":
                place[name] = known.id(of_last, value)
            elif name in ("session_time", "schedule_from"):
                place[name] = known.time(value)
            elif push and name == "project" and isinstance(value, str):
                place[name] = known.one_of(NEW_PROJECTS, value)
            elif push and name == "revision":
                place[name] = known.new_revision(value)
            elif name == "name":
                place[name] = known.name("project" if path.startswith("/api/project") and path.count("/") < 3 else of_last, value)
            elif name in NAME_NOUNS:
                place[name] = known.name(NAME_NOUNS[name], value)
    body = case.body
    if path == "/api/attempts" and isinstance(body, dict):
        # Answers have ids as texts, which requests may send so, but the document says numbers.
        if str(body.get("workflowId", "")).isdigit():
            body["workflowId"] = int(body["workflowId"])
        if "workflowId" in body:
            body["workflowId"] = known.id("workflow", body["workflowId"])
        if "sessionTime" in body:
            body["sessionTime"] = known.time(body["sessionTime"])
        resume = body.get("resume")
        if isinstance(resume, dict) and "attemptId" in resume:
            resume["attemptId"] = known.id("attempt", resume["attemptId"])
        if isinstance(resume, dict) and isinstance(resume.get("from"), str):
            resume["from"] = known.name("task", resume["from"])


answers = Counter()


@schemathesis.hook
def after_call(context, case, response):
    told = response.json() if "json" in "".join(response.headers.get("content-type", [])) else {}
    if response.status_code not in (204, 405):
        answers[f"{case.method.upper()} {case.operation.path}", status_of(response.status_code, told)] += 1
    if response.status_code < 400:
        known.learn(case.operation.path, told)


def status_of(status, told):
    if status < 400 or not isinstance(told, dict):
        return str(status)
    problems = "+".join(sorted({problem["code"] for problem in told.get("problems", [])}))
    return f"{status} {told.get('code', '')} {problems}".strip()


@atexit.register
def tell_how_deep():
    """Of each operation how often each status was answered: whether the deep code was reached."""
    operations = sorted({operation for operation, _ in answers})
    for operation in operations:
        counts = (f"{status} x {count}" for (name, status), count in sorted(answers.items()) if name == operation)
        print(f"{operation}: {', '.join(counts)}")
