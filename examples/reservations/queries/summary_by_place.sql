BEGIN TRANSACTION;
DELETE FROM `${dataset}.summary_by_place` WHERE day = DATE '${session_date}';
INSERT INTO `${dataset}.summary_by_place` (day, place, city, departures, punctual, average_delay)
SELECT
  DATE '${session_date}', origin AS place, ANY_VALUE(origin_city), COUNT(*),
  COUNTIF(delay_minutes <= 15), ROUND(AVG(delay_minutes), 1)
FROM `${dataset}.departures`
WHERE day = DATE '${session_date}'
GROUP BY place;
COMMIT TRANSACTION;
