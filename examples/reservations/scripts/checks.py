"""Checks that are easier said in Python than in SQL."""

import digdag


def plausible(pg, session_date):
    """The day looks like a day: no average that would mean minutes were taken for hours."""
    totals = pg["last_results"]
    departures = int(totals["departures"])
    average = float(totals["delay_minutes"]) / departures
    miles = float(totals["distance_miles"]) / departures
    print("{}: {} departures, {:.1f} minutes late and {:.0f} miles on average".format(
        session_date, departures, average, miles))
    if not -60 < average < 240:
        raise ValueError("departures were {:.0f} minutes late on average".format(average))
    if not 50 < miles < 5000:
        raise ValueError("departures went {:.0f} miles on average".format(miles))
    digdag.env.store({"departures": departures, "average_delay": round(average, 1)})
