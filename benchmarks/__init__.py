"""What the program costs, beside the least that does the same; ``make bench`` runs all of it.

Figures are wall-clock times of this machine at this moment: compare ratios, not seconds.
"""

import os

import django

# Here, because a process that a benchmark starts comes in by one of these modules.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
