select id, departed_at, delay_minutes, distance_miles, origin, destination
from departures
where departed_at >= timestamp '${session_date}'
  and departed_at < timestamp '${session_date}' + interval '1 day'
order by id;
