"""The columns whose words the owner's function erases, and no others."""

from django.db import migrations

# The command migrate fills it with what config.personal_data.fields declares.
COLUMNS = """
CREATE TABLE core_erasable_column (
    table_name text NOT NULL, column_name text NOT NULL, PRIMARY KEY (table_name, column_name)
)
"""
ERASE_WORDS = """
CREATE OR REPLACE FUNCTION core_erase_words(tab text, col text, pattern text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    kind text;
    changed bigint;
BEGIN
    SELECT there.data_type INTO kind FROM information_schema.columns AS there{declared}
    WHERE there.table_schema = 'public' AND there.table_name = tab AND there.column_name = col
        AND there.data_type IN ('character varying', 'text', 'jsonb')
        AND there.table_name !~ '^(auth_|django_[cms]|core_security|account_|mfa_|usersessions_)';
    IF kind IS NULL OR length(pattern) < 4 THEN
        RAISE EXCEPTION 'Nothing is erased from %.%', tab, col;
    END IF;
    PERFORM set_config('pgtrigger.ignore', '{{pgtrigger_entries_never_change_8e214}}', true);
    EXECUTE format(
        'UPDATE %1$I SET %2$I = regexp_replace(%2$I::text, $1, ''…'', ''gi'')::%3$s '
        'WHERE %2$I::text ~* $1',
        tab, col, kind
    ) USING pattern;
    GET DIAGNOSTICS changed = ROW_COUNT;
    PERFORM set_config('pgtrigger.ignore', '{{}}', true);
    IF changed > 0 THEN
        INSERT INTO core_securityevent (at, last_at, kind, name, detail, count)
        VALUES (now(), now(), 'ERASED', tab || '.' || col,
            jsonb_build_object('count', changed), 1);
    END IF;
    RETURN changed;
END
$$
"""
OF_DECLARED = ERASE_WORDS.format(
    declared="""
        JOIN core_erasable_column AS declared
            ON (declared.table_name, declared.column_name) = (there.table_name, there.column_name)"""
)


class Migration(migrations.Migration):
    dependencies = [("core", "0009_history_context")]

    operations = [
        migrations.RunSQL(COLUMNS, "DROP TABLE core_erasable_column"),
        migrations.RunSQL(OF_DECLARED, ERASE_WORDS.format(declared="")),
    ]
