-- The day is replaced as a whole, so that running it again leaves the same rows.
BEGIN TRANSACTION;
DELETE FROM `${dataset}.departures` WHERE day = DATE '${session_date}';
INSERT INTO `${dataset}.departures`
  (day, id, departed_at, delay_minutes, distance_miles, origin, origin_city, origin_state, destination)
SELECT
  DATE '${session_date}', d.id, d.departed_at, d.delay_minutes, d.distance_miles,
  d.origin, a.city, a.state, d.destination
FROM `${dataset}.staged_departures_${session_date_compact}` AS d
LEFT JOIN `${dataset}.staged_airports_${session_date_compact}` AS a ON a.code = d.origin;
COMMIT TRANSACTION;
