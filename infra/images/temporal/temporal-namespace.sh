#!/bin/sh
# Makes the namespace once; what ran is kept for a week here, and for good in Suiro's own tables.
set -eu
temporal operator namespace describe --namespace default >/dev/null 2>&1 ||
  temporal operator namespace create --namespace default --retention 7d
