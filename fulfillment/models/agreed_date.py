"""The date by which units are due, in SQL: the one that their customer agreed to.

About rows named ``line`` (of a shipment) and ``parent``, its order; the parameters are ``zone``,
the name of the site's time zone, and ``promise_days``.

Rule: Delays, the agreed date (§18a).
"""

PLACED_ON = "(parent.placed_at AT TIME ZONE %(zone)s)::date"
# A customer who was given no date counts on the usual one.
AGREED_ON = f"COALESCE(line.agreed_on, {PLACED_ON} + %(promise_days)s::int)"
