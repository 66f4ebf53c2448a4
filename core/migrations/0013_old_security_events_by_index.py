"""Has the index of the time find the security events that are too old."""

from django.db import migrations

# The first and the last time of an event: no event ends before it begins, and the first has an
# index.
DELETE_OLD = """
CREATE OR REPLACE FUNCTION core_delete_old_security_events(before timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    deleted bigint;
BEGIN
    IF before > now() - interval '29 days' THEN
        RAISE EXCEPTION 'Security events of the last 30 days are not deleted';
    END IF;
    PERFORM set_config('backoffice.deletes_old_security_events', 'on', true);
    DELETE FROM core_securityevent WHERE {which};
    GET DIAGNOSTICS deleted = ROW_COUNT;
    PERFORM set_config('backoffice.deletes_old_security_events', 'off', true);
    RETURN deleted;
END
$$
"""


class Migration(migrations.Migration):

    dependencies = [
        ("core", "0012_erased_in_strings"),
    ]

    operations = [
        migrations.RunSQL(
            DELETE_OLD.format(which="at < before AND last_at < before"),
            DELETE_OLD.format(which="last_at < before"),
        ),
    ]
