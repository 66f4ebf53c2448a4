from core.models.api_key import ApiKey
from core.models.idempotent_answer import IdempotentAnswer
from core.models.job import Job

__all__ = ["ApiKey", "IdempotentAnswer", "Job"]
