from django.dispatch import Signal

authenticator_added: Signal
