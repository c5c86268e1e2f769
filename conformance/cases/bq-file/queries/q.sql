SELECT '${word} ${session_date}' AS w
