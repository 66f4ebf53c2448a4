"""Skip over: the next in the queue may take the units; PURE."""


class SkipOver:
    def keeps(self, *, age_days: int, ageing_days: int) -> bool:
        return False
