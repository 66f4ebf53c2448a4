"""Words are erased in strings of documents, not in their JSON, and from keys without a clash."""

from importlib import import_module

from django.db import migrations

# JSON is no text: a customer named Null would turn null into what no document may hold.
IN_DOCUMENT = """
CREATE FUNCTION core_erased_document(document jsonb, pattern text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = public, pg_temp
AS $$
BEGIN
    RETURN CASE jsonb_typeof(document)
        WHEN 'string' THEN to_jsonb(regexp_replace(document #>> '{}', pattern, '…', 'gi'))
        WHEN 'array' THEN (
            SELECT coalesce(
                jsonb_agg(core_erased_document(part.value, pattern) ORDER BY part.ordinality),
                '[]'
            )
            FROM jsonb_array_elements(document) WITH ORDINALITY AS part
        )
        WHEN 'object' THEN (
            SELECT coalesce(
                jsonb_object_agg(
                    regexp_replace(part.key, pattern, '…', 'gi'),
                    core_erased_document(part.value, pattern)
                ),
                '{}'
            )
            FROM jsonb_each(document) AS part
        )
        ELSE document
    END;
END
$$
"""
ERASE_WORDS = """
CREATE OR REPLACE FUNCTION core_erase_words(tab text, col text, pattern text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    kind text;
    erased text;
    changed bigint;
BEGIN
    SELECT there.data_type INTO kind FROM information_schema.columns AS there
    JOIN core_erasable_column AS declared
        ON (declared.table_name, declared.column_name) = (there.table_name, there.column_name)
    WHERE there.table_schema = 'public' AND there.table_name = tab AND there.column_name = col
        AND there.data_type IN ('character varying', 'text', 'jsonb')
        AND there.table_name !~ '^(auth_|django_[cms]|core_security|account_|mfa_|usersessions_)';
    IF kind IS NULL OR length(pattern) < 4 THEN
        RAISE EXCEPTION 'Nothing is erased from %.%', tab, col;
    END IF;
    erased := CASE
        WHEN kind = 'jsonb' THEN 'core_erased_document(%2$I, $1)'
        -- Where no two rows may have the same, two erased words may not be the same either.
        WHEN EXISTS (
            SELECT FROM pg_index AS there
            JOIN pg_attribute AS part ON part.attrelid = there.indrelid AND part.attname = col
            WHERE there.indrelid = format('public.%I', tab)::regclass AND there.indisunique
                AND (
                    part.attnum = ANY (there.indkey::int2[])
                    OR EXISTS (
                        SELECT FROM pg_depend AS needed
                        WHERE needed.classid = 'pg_class'::regclass
                            AND needed.objid = there.indexrelid
                            AND needed.refobjid = there.indrelid
                            AND needed.refobjsubid = part.attnum
                    )
                )
        ) THEN '''erased-'' || id'
        ELSE 'regexp_replace(%2$I, $1, ''…'', ''gi'')'
    END;
    PERFORM set_config('pgtrigger.ignore', '{pgtrigger_entries_never_change_8e214}', true);
    EXECUTE format(
        'UPDATE %1$I SET %2$I = ' || erased || ' WHERE %2$I::text ~* $1', tab, col
    ) USING pattern;
    GET DIAGNOSTICS changed = ROW_COUNT;
    PERFORM set_config('pgtrigger.ignore', '{}', true);
    IF changed > 0 THEN
        INSERT INTO core_securityevent (at, last_at, kind, name, detail, count)
        VALUES (now(), now(), 'ERASED', tab || '.' || col,
            jsonb_build_object('count', changed), 1);
    END IF;
    RETURN changed;
END
$$
"""
# Every role of a database may call a new function: the app's alone shall, by a grant of its own.
FOR_NOBODY = """
REVOKE ALL ON FUNCTION core_erase_words(text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION core_delete_old_security_events(timestamptz) FROM PUBLIC
"""
FOR_ALL = """
GRANT EXECUTE ON FUNCTION core_erase_words(text, text, text) TO PUBLIC;
GRANT EXECUTE ON FUNCTION core_delete_old_security_events(timestamptz) TO PUBLIC
"""
BEFORE: str = import_module("core.migrations.0010_erasable_columns").OF_DECLARED


class Migration(migrations.Migration):
    dependencies = [("core", "0011_indexes_with_readers")]

    operations = [
        migrations.RunSQL(IN_DOCUMENT, "DROP FUNCTION core_erased_document(jsonb, text)"),
        migrations.RunSQL(ERASE_WORDS, BEFORE),
        migrations.RunSQL(FOR_NOBODY, FOR_ALL),
    ]
