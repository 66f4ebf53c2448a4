"""Who made a change: what was written of it stays."""

from django.db import migrations

# pghistory's own function writes as whoever makes a change, and so the app's role had to be allowed
# to change every row. This one is the owner's. It only adds what a row does not say yet, while the
# request or the job of the row may be going on.
ATTACH = """
CREATE OR REPLACE FUNCTION _pgh_attach_context() RETURNS pghistory_context.id%TYPE
LANGUAGE plpgsql{security}
AS $$
DECLARE
    _pgh_context_id UUID;
    _pgh_context_metadata JSONB;
BEGIN
    BEGIN
        SELECT INTO _pgh_context_id CURRENT_SETTING('pghistory.context_id');
        SELECT INTO _pgh_context_metadata CURRENT_SETTING('pghistory.context_metadata');
        EXCEPTION WHEN OTHERS THEN
    END;
    IF _pgh_context_id IS NOT NULL AND _pgh_context_metadata IS NOT NULL THEN
        INSERT INTO pghistory_context AS kept (id, metadata, created_at, updated_at)
            VALUES (_pgh_context_id, _pgh_context_metadata, NOW(), NOW())
            ON CONFLICT (id) DO UPDATE SET {change}
        RETURN _pgh_context_id;
    ELSE
        RETURN NULL;
    END IF;
END
$$
"""
OF_OWNER = ATTACH.format(
    security=" SECURITY DEFINER SET search_path = public, pg_temp",
    change="""
                metadata = EXCLUDED.metadata || kept.metadata, updated_at = EXCLUDED.updated_at
                WHERE EXCLUDED.metadata || kept.metadata <> kept.metadata
                    AND kept.created_at > NOW() - INTERVAL '1 hour';""",
)
OF_CALLER = ATTACH.format(
    security=" SECURITY INVOKER",
    change="""
                metadata = EXCLUDED.metadata, updated_at = EXCLUDED.updated_at
                WHERE kept.metadata <> EXCLUDED.metadata;""",
)


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0008_erased_words"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [migrations.RunSQL(OF_OWNER, OF_CALLER)]
