CREATE TABLE IF NOT EXISTS `${dataset}.departures` (
  day DATE NOT NULL,
  id INT64 NOT NULL,
  departed_at DATETIME NOT NULL,
  delay_minutes INT64 NOT NULL,
  distance_miles INT64 NOT NULL,
  origin STRING NOT NULL,
  origin_city STRING,
  origin_state STRING,
  destination STRING NOT NULL
);
CREATE TABLE IF NOT EXISTS `${dataset}.summary_by_hour` (
  day DATE NOT NULL, hour INT64 NOT NULL, departures INT64, punctual INT64, average_delay FLOAT64
);
CREATE TABLE IF NOT EXISTS `${dataset}.summary_by_place` (
  day DATE NOT NULL, place STRING NOT NULL, city STRING, departures INT64, punctual INT64, average_delay FLOAT64
);
CREATE TABLE IF NOT EXISTS `${dataset}.summary_by_distance` (
  day DATE NOT NULL, distance STRING NOT NULL, departures INT64, punctual INT64, average_delay FLOAT64
);
CREATE TABLE IF NOT EXISTS `${dataset}.report` (
  day DATE NOT NULL,
  departures INT64,
  punctual INT64,
  average_delay FLOAT64,
  busiest_hour INT64,
  busiest_place STRING,
  worst_place STRING,
  worst_place_average_delay FLOAT64
);
