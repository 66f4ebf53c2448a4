"""Strict: the units that a waiting shipment could use are kept for it; PURE."""


class Strict:
    def keeps(self, *, age_days: int, ageing_days: int) -> bool:
        return True
