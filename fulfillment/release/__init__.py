"""The release engine: moves shipments off backorder as supply arrives.

::

    engine ──> snapshot   rows to values     (reads)
       │  └──> applier    plan to rows       (writes)
       └─────> planner    values to a plan   (pure, where the rules are)

Everything that decides is in ``plan``, ``planner``, ``covering``, ``reasons`` and ``policies``,
which import nothing but the standard library; the import contracts hold them to it.
"""
