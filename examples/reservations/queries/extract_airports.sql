select code, name, city, state from airports order by code;
