BEGIN TRANSACTION;
DELETE FROM `${dataset}.summary_by_hour` WHERE day = DATE '${session_date}';
INSERT INTO `${dataset}.summary_by_hour` (day, hour, departures, punctual, average_delay)
SELECT
  DATE '${session_date}', EXTRACT(HOUR FROM departed_at) AS hour, COUNT(*),
  COUNTIF(delay_minutes <= 15), ROUND(AVG(delay_minutes), 1)
FROM `${dataset}.departures`
WHERE day = DATE '${session_date}'
GROUP BY hour;
COMMIT TRANSACTION;
