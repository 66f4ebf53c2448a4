"""For servers that speak ASGI."""

import os

from django.core.asgi import get_asgi_application

from config.database_limits import take_part

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_asgi_application()
take_part("web")
