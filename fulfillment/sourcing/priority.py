"""Priority: the order that a stock gives its sources; PURE."""

from fulfillment.sourcing.algorithms import Destination, Located


class Priority:
    asks_where_to = False

    def rank(self, source: Located, destination: Destination | None) -> float:
        return 0.0
