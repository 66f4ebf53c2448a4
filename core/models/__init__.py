from core.models.access_limit import AccessLimit
from core.models.account_email import AccountEmail
from core.models.api_key import ApiKey
from core.models.bulk_change import BulkChange, BulkRefusal
from core.models.column_choice import ColumnChoice
from core.models.failed_attempts import FailedAttempts
from core.models.idempotent_answer import IdempotentAnswer
from core.models.job import Job
from core.models.language import PersonLanguage
from core.models.last_visit import LastVisit
from core.models.password_reset import PasswordResetRequest
from core.models.people import TrackedGroup, TrackedUser
from core.models.preview_snapshot import PreviewSnapshot
from core.models.saved_view import SavedView
from core.models.security_event import SecurityEvent
from core.models.staff_digest import StaffDigest, Unsubscription

__all__ = [
    "AccessLimit",
    "AccountEmail",
    "ApiKey",
    "BulkChange",
    "BulkRefusal",
    "ColumnChoice",
    "FailedAttempts",
    "IdempotentAnswer",
    "Job",
    "LastVisit",
    "PasswordResetRequest",
    "PersonLanguage",
    "PreviewSnapshot",
    "SavedView",
    "SecurityEvent",
    "StaffDigest",
    "TrackedGroup",
    "TrackedUser",
    "Unsubscription",
]
