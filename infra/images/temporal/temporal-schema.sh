#!/bin/sh
# Makes Temporal's databases where they are missing and brings their schemas up to date; safe to repeat.
set -eu
schema() {
  database=$1
  folder=$2
  temporal-sql-tool --db "$database" create-database || true
  temporal-sql-tool --db "$database" setup-schema -v 0.0 || true
  temporal-sql-tool --db "$database" update-schema --schema-name "$folder"
}
schema temporal postgresql/v12/temporal
schema temporal_visibility postgresql/v12/visibility
