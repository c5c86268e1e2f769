ASSERT (
  SELECT COUNT(*) FROM (
    SELECT id FROM `${dataset}.departures` WHERE day = DATE '${session_date}'
    GROUP BY id HAVING COUNT(*) > 1
  )
) = 0 AS 'A departure arrived twice';
ASSERT (
  SELECT COUNT(*) FROM `${dataset}.departures`
  WHERE day = DATE '${session_date}' AND origin_city IS NULL
) = 0 AS 'A departure is from a place that the list of airports does not have';
