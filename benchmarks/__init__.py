"""What the program costs, beside the least that does the same; ``make bench`` runs all of it.

Figures are wall-clock times of this machine at this moment: compare ratios, not seconds.
"""
