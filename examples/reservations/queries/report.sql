BEGIN TRANSACTION;
DELETE FROM `${dataset}.report` WHERE day = DATE '${session_date}';
INSERT INTO `${dataset}.report`
  (day, departures, punctual, average_delay, busiest_hour, busiest_place, worst_place, worst_place_average_delay)
SELECT
  DATE '${session_date}',
  (SELECT SUM(departures) FROM `${dataset}.summary_by_hour` WHERE day = DATE '${session_date}'),
  (SELECT SUM(punctual) FROM `${dataset}.summary_by_hour` WHERE day = DATE '${session_date}'),
  (SELECT ROUND(AVG(delay_minutes), 1) FROM `${dataset}.departures` WHERE day = DATE '${session_date}'),
  (SELECT hour FROM `${dataset}.summary_by_hour` WHERE day = DATE '${session_date}'
   ORDER BY departures DESC, hour LIMIT 1),
  (SELECT city FROM `${dataset}.summary_by_place` WHERE day = DATE '${session_date}'
   ORDER BY departures DESC, place LIMIT 1),
  (SELECT city FROM `${dataset}.summary_by_place` WHERE day = DATE '${session_date}' AND departures >= 3
   ORDER BY average_delay DESC, place LIMIT 1),
  (SELECT average_delay FROM `${dataset}.summary_by_place` WHERE day = DATE '${session_date}' AND departures >= 3
   ORDER BY average_delay DESC, place LIMIT 1);
COMMIT TRANSACTION;
