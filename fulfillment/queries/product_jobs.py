"""The product's own scheduled jobs: what each does, when it runs unless somebody changed it."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

RELEASE_TASK = "fulfillment.release_backorders"


@dataclass(frozen=True, slots=True)
class ProductJob:
    """A job by its ``task``; ``name`` is its row's, ``label`` and ``does`` are for people.

    ``usual`` is the interval, or the crontab in the site's time zone, of a row that is made again.
    """

    task: str
    name: str
    label: Promise
    does: Promise
    usual: tuple[int, str] | str
    expire_seconds: int | None = None


MINUTE = (1, "minutes")
JOBS = (
    ProductJob(
        RELEASE_TASK,
        "Release backorders",
        _("Release backorders"),
        _("Releases every shipment that available units or future supply cover."),
        (15, "minutes"),
    ),
    ProductJob(
        "fulfillment.renew_dates",
        "Replace expected dates that passed",
        _("Replace passed expected dates"),
        _(
            "Counts expected dates that passed before the shipment was sent, and replaces them. "
            "While release runs are switched off, dates shipments by supply that covers them."
        ),
        "15 0 * * *",
    ),
    ProductJob(
        "fulfillment.run_rules",
        "Run the rules",
        _("Run rules"),
        _("Lets the rules for waiting shipments act, after passed expected dates are replaced."),
        "20 0 * * *",
    ),
    ProductJob(
        "fulfillment.send_rule_emails",
        "Send the e-mails of rules",
        _("Send rule e-mails"),
        _("Sends the e-mails of rules to staff that are due."),
        (5, "minutes"),
    ),
    ProductJob(
        "fulfillment.act_on_delays",
        "Act on delays",
        _("Act on delays"),
        _(
            "Asks or informs customers about late units, and does what no answer means after a "
            "deadline."
        ),
        "30 * * * *",
    ),
    ProductJob(
        "fulfillment.resume_work",
        "Take up lost work",
        _("Resume lost work"),
        _("Ends workers that have stopped responding, and continues their runs and jobs."),
        (10, "seconds"),
        expire_seconds=30,
    ),
    ProductJob(
        "fulfillment.secure_payments",
        "Secure payments",
        _("Secure payments"),
        _(
            "Holds shipments whose authorization expired, and authorizes payments of released "
            "shipments again."
        ),
        MINUTE,
    ),
    ProductJob(
        "fulfillment.follow_pickups",
        "Follow pickups",
        _("Follow pickups"),
        _(
            "Sets aside what is ready for pickup if no staff do so, and reminds customers to "
            "collect."
        ),
        MINUTE,
    ),
    ProductJob(
        "orders.ask_gateways",
        "Ask gateways again",
        _("Ask payment gateways"),
        _("Asks gateways for the outcome of payments that is not known."),
        MINUTE,
    ),
    ProductJob(
        "orders.send_emails",
        "Send customer e-mails",
        _("Send customer e-mails"),
        _("Sends the customer e-mails that are due."),
        MINUTE,
    ),
    ProductJob(
        "inventory.queue_low_stock_digests",
        "Write the daily digests of low stock",
        _("Write low stock e-mails"),
        _("Writes the daily e-mail about low stock to each source's contact and to merchants."),
        "0 7 * * *",
    ),
    ProductJob(
        "inventory.send_low_stock_digests",
        "Send the digests of low stock",
        _("Send low stock e-mails"),
        _("Sends the e-mails about low stock that are due."),
        (5, "minutes"),
    ),
    ProductJob(
        "inventory.tell_back_in_stock",
        "Tell customers what is back in stock",
        _("Find products that are back in stock"),
        _("Writes e-mails about products that can be bought again, and deletes old requests."),
        (5, "minutes"),
    ),
    ProductJob(
        "inventory.send_back_in_stock",
        "Send e-mails about products back in stock",
        _("Send back-in-stock e-mails"),
        _("Sends the back-in-stock e-mails that are due."),
        MINUTE,
    ),
    ProductJob(
        "fulfillment.queue_demand_digests",
        "Write the weekly digests of demand",
        _("Write demand e-mails"),
        _("Writes the weekly e-mail about demand and kept promises to users who receive it."),
        "0 7 * * 1",
    ),
    ProductJob(
        "fulfillment.send_demand_digests",
        "Send the digests of demand",
        _("Send demand e-mails"),
        _("Sends the e-mails about demand that are due."),
        (5, "minutes"),
    ),
    ProductJob(
        "core.look_after_log_ins",
        "Look after log-ins",
        _("Look after log-ins"),
        _(
            "Informs people of locks and of changes to how they log in, and sends links for new "
            "passwords. Deletes sessions that have ended, and old security events."
        ),
        MINUTE,
    ),
    ProductJob(
        "fulfillment.refresh_figures",
        "Refresh the dashboard's figures",
        _("Refresh the dashboard"),
        _("Counts the figures of the dashboard and of the metrics."),
        MINUTE,
        expire_seconds=60,
    ),
    ProductJob(
        "fulfillment.heartbeat",
        "Heartbeat of the scheduler",
        _("Scheduler heartbeat"),
        _("Shows that the scheduler, the broker and a worker work together."),
        (30, "seconds"),
        expire_seconds=30,
    ),
    ProductJob(
        "fulfillment.delete_old_decisions",
        "Delete old decisions of release runs",
        _("Delete old release decisions"),
        _("Deletes the decisions of release runs that are older than RUN_RETENTION_DAYS."),
        "40 3 * * *",
    ),
    ProductJob(
        "inventory.forget_imports",
        "Forget the texts of old imports",
        _("Clear old import files"),
        _(
            "Clears the contents of files that were uploaded more than IMPORT_KEPT_DAYS ago, and "
            "deletes answers of the API that were kept as long."
        ),
        (1, "days"),
    ),
    ProductJob(
        "config.erase_old_customers",
        "Erase customers of old orders",
        _("Erase customers of old orders"),
        _(
            "Erases the personal data of customers whose orders all ended, and to which nothing "
            "has happened for PERSONAL_DATA_DAYS. With 0, none."
        ),
        "20 2 * * *",
    ),
)
JOB_OF = {job.task: job for job in JOBS}
