#!/bin/sh
# npm run statements -- NAME: runs the tests that use the store, and keeps what the store sends to PostgreSQL.
set -e
export SUIRO_STATEMENTS="${SUIRO_STATEMENTS:-.suiro/statements.jsonl}"
rm -f "$SUIRO_STATEMENTS"
node services/embedded/bootstrap.mjs test store activities/attempt activities/control activities/task services/api/routes services/api/push services/api/temporal services/api/register-batches services/worker/watch activities/bigquery
node harness/statements/keep.ts "$@"
