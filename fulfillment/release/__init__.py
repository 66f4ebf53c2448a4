"""The release engine: moves shipments off backorder as supply arrives.

::

    explanation ──> runs ──> rows ──> planning

``planning`` decides, and is pure; ``rows`` turns rows into values and decisions into rows; ``runs``
has the entry points, the batches and the record of a run; ``explanation`` says why shipments wait.
"""
