from allauth.account.models import EmailAddress
from django.db.models import Manager

class EmailAddressManager(Manager[EmailAddress]): ...
