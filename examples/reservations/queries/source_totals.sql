-- What the source says of the day; the check compares it with what arrived.
select
  count(*) as departures,
  coalesce(sum(delay_minutes), 0) as delay_minutes,
  coalesce(sum(distance_miles), 0) as distance_miles
from departures
where departed_at >= timestamp '${session_date}'
  and departed_at < timestamp '${session_date}' + interval '1 day';
