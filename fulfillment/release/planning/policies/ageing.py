"""Ageing: skip over a young shipment, keep the units for an old one; PURE."""


class Ageing:
    def keeps(self, *, age_days: int, ageing_days: int) -> bool:
        return age_days >= ageing_days
