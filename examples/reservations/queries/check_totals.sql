ASSERT (
  SELECT COUNT(*) FROM `${dataset}.departures` WHERE day = DATE '${session_date}'
) = ${pg.last_results.departures} AS 'BigQuery has another number of departures than PostgreSQL';
ASSERT (
  SELECT SUM(delay_minutes) FROM `${dataset}.departures` WHERE day = DATE '${session_date}'
) = ${pg.last_results.delay_minutes} AS 'The minutes of delay add up to another sum than in PostgreSQL';
ASSERT (
  SELECT SUM(distance_miles) FROM `${dataset}.departures` WHERE day = DATE '${session_date}'
) = ${pg.last_results.distance_miles} AS 'The miles add up to another sum than in PostgreSQL';
ASSERT (
  SELECT SUM(departures) FROM `${dataset}.summary_by_hour` WHERE day = DATE '${session_date}'
) = ${pg.last_results.departures} AS 'The summary by hour lost departures';
