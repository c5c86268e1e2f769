select '${word} ${session_date}' as w
