"""What the web server runs."""

import os

from django.core.wsgi import get_wsgi_application

from config.database_limits import take_part

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
take_part("web")
