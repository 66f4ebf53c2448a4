from fulfillment.admin import balances, release_runs, shipments

__all__ = ["balances", "release_runs", "shipments"]
