"""Django's PostgreSQL backend over connections that wait for an answer only so long."""
