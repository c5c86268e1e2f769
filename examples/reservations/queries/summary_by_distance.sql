BEGIN TRANSACTION;
DELETE FROM `${dataset}.summary_by_distance` WHERE day = DATE '${session_date}';
INSERT INTO `${dataset}.summary_by_distance` (day, distance, departures, punctual, average_delay)
SELECT
  DATE '${session_date}', CASE WHEN distance_miles < 500 THEN 'short' WHEN distance_miles < 1500 THEN 'middle' ELSE 'long' END AS distance, COUNT(*),
  COUNTIF(delay_minutes <= 15), ROUND(AVG(delay_minutes), 1)
FROM `${dataset}.departures`
WHERE day = DATE '${session_date}'
GROUP BY distance;
COMMIT TRANSACTION;
