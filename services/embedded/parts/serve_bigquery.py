"""Serves the engine for BigQuery's API, its errors in BigQuery's words (bigquery_errors.py), once the jobs that ended with
it the last time are ended in its data too.

Takes the engine's own arguments. Left alone, it would go on to report such a job as running, and whoever
waits for it would wait for ever; BigQuery has an end for every job.
"""

import argparse
import pathlib
import sys

from local_bigquery import cli
from local_bigquery.catalog import metadata
from local_bigquery.engine.database import fetch
from local_bigquery.errors import BigQueryError
from local_bigquery.jobs import store
from local_bigquery.models import Job
from local_bigquery.settings import settings

# No byte code beside this file: its folder may be one that is not to be written to.
sys.dont_write_bytecode = True
import bigquery_errors

sys.dont_write_bytecode = False

# `stopped` is not tried anew by itself: what the job's last statement had done is not known.
LOST = BigQueryError(
    "stopped",
    "The engine ended while this job ran; whether its last statement took effect is not known",
).proto()


def end_lost_jobs(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--data-dir", type=pathlib.Path, required=True)
    parser.add_argument("--project", required=True)
    given, _ = parser.parse_known_args(arguments)
    settings.data_dir = given.data_dir
    settings.default_project_id = given.project
    for (resource,) in fetch("SELECT resource FROM emulator.jobs WHERE state <> 'DONE'"):
        job = Job.model_validate_json(resource)
        status = {"state": "DONE", "errorResult": LOST, "errors": [LOST]}
        statistics = job.statistics.replace(endTime=metadata.now())
        store.save(job.replace(status=status, statistics=statistics))


end_lost_jobs(sys.argv[1:])
bigquery_errors.install()
cli.main()
