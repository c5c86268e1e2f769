"""Strategies for the files of a project: mostly such that the push accepts."""

import json
import os
from pathlib import Path

from hypothesis import strategies as st

CASES = Path(__file__).parents[3] / "conformance/cases"
# What these tell cannot be read as text, or is for a server that is not here.
SKIPPED = ("mail-", "http-")


def _read_case(folder):
    files = []
    for place, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            path = Path(place) / name
            if name != "expected.json" and path.stat().st_size < 20_000:
                files.append((str(path.relative_to(folder)), path.read_bytes()))
    return files


cases = st.sampled_from(
    [_read_case(folder) for folder in sorted(CASES.iterdir()) if folder.is_dir() and not folder.name.startswith(SKIPPED)]
)

SCHEDULES = (
    {"hourly>": "15:00"},
    {"daily>": "07:00:00"},
    {"weekly>": "Sun,09:00:00"},
    {"monthly>": "1,09:00:00"},
    {"minutes_interval>": 30},
    {"cron>": "42 4 1 * *"},
    {"cron>": "*/20 0-12 * * MON-FRI", "delay": 60},
    {"daily>": "23:59:59", "skip_on_overtime": True},
    {"hourly>": "00:00", "skip_delayed_by": "1h"},
    {"daily>": "02:30:00", "start": "2026-01-01", "end": "2030-12-31"},
)
ZONES = ("UTC", "Asia/Tokyo", "America/New_York", "Pacific/Apia", "Asia/Kolkata")
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**40), 2**40), st.text(max_size=8), st.just("${session_time}")),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)),
    max_leaves=6,
)
params = st.dictionaries(st.sampled_from(("p", "q", "my_param", "日本")), values, max_size=3)

leaves = st.one_of(
    st.sampled_from(
        (
            {"echo>": "${session_date} ${moment(session_time).add(1, 'days').format('YYYY')}"},
            {"echo>": "${typeof p == 'undefined' ? 'none' : p}"},
            {"sh>": "echo ${attempt_id}"},
            {"sh>": "tasks/run.sh"},
            {"py>": "tasks.work.run", "n": 1},
            {"wait>": "1s"},
            {"wait>": "40s"},
            {"fail>": "no: ${error}"},
            {"param_set>": None, "k": "v"},
            {"param_get>": None, "k": "my_param"},
            {"bq>": "queries/q.sql", "create_table": "d.t"},
            {"call>": "part.dig"},
            {"require>": "part", "rerun_on": "failed", "ignore_failure": True},
            {"embulk>": "load.yml"},
            {"_type": "echo", "_command": "typed"},
        )
    ),
    params.map(lambda p: {"echo>": "x", "_export": p}),
)


def _group(children):
    return {f"+t{at}": child for at, child in enumerate(children)}


def _around(inner):
    body = st.lists(inner, min_size=1, max_size=3).map(_group)
    options = st.sampled_from(
        (
            {},
            {"_parallel": True},
            {"_parallel": {"limit": 2}},
            {"_retry": 1},
            {"_retry": {"limit": 2, "interval": 1, "interval_type": "exponential"}},
            {"_error": {"+e": {"echo>": "${error.message}"}}},
            {"_check": {"+c": {"echo>": "checked"}}},
            {"_background": True},
            {"_export": {"!include : part.yml": ""}},
        )
    )
    loops = st.sampled_from(
        (
            {"loop>": 2},
            {"for_each>": {"x": [1, 2], "y": ["a"]}, "_parallel": True},
            {"for_range>": {"from": 0, "to": 4, "step": 2}},
            {"if>": "${true}"},
        )
    )
    return st.one_of(
        st.builds(lambda tasks, more: {**tasks, **more}, body, options),
        st.builds(lambda loop, tasks: {**loop, "_do": tasks}, loops, body),
    )


tasks = st.recursive(leaves, _around, max_leaves=5)
heads = st.one_of(
    st.just({}),
    st.builds(
        lambda schedule, zone, sla: {"schedule": schedule, "timezone": zone, **sla},
        st.sampled_from(SCHEDULES),
        st.sampled_from(ZONES),
        st.sampled_from(({}, {"sla": {"duration": "01:00:00", "fail": True, "+late": {"echo>": "late"}}})),
    ),
    params.map(lambda p: {"_export": p}),
)
# JSON is YAML.
workflow = st.builds(
    lambda head, children: json.dumps({**head, **_group(children)}).encode(),
    heads,
    st.lists(tasks, min_size=1, max_size=3),
)
BESIDE = [
    ("part.dig", b"+p:\n  echo>: part\n"),
    ("part.yml", b"inc: {a: [1, 2]}\n"),
    ("load.yml", b"in: {type: file}\n"),
    ("queries/q.sql", b"select 1 as n"),
    ("tasks/run.sh", b"echo run"),
    ("tasks/work.py", b"def run(n):\n    print(n)\n"),
]
composed = st.builds(
    lambda workflows: [(f"{name}.dig", dig) for name, dig in workflows.items()] + BESIDE,
    st.dictionaries(st.sampled_from(("a", "b", "é", "a-b_c", "x" * 60)), workflow, min_size=1, max_size=3),
)

BAD_WORKFLOWS = (b"+a: [\n", b"+a:\n  unknown>: x\n", b"\x00", b"\xff\xfe", b"", b"schedule:\n  daily>: 25:00:00\n+a: {echo>: x}\n")
BAD_NAMES = ("a.dig", "dir/c.sql", "../x", "/x", "a//b.dig", "a\\b", "a" * 120)
broken = st.lists(st.tuples(st.sampled_from(BAD_NAMES), st.sampled_from(BAD_WORKFLOWS)), max_size=4)

valid = st.one_of(composed, composed, cases)
