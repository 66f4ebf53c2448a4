"""Indexes that another index covers, or that nobody reads, are gone."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.index_migrations import DropColumnIndex


class Migration(migrations.Migration):
    # Indexes come and go beside processes that read and write.
    atomic = False

    dependencies = [
        ('core', '0010_erasable_columns'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        DropColumnIndex(
            model_name='idempotentanswer',
            name='user',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user'),
        ),
        DropColumnIndex(
            model_name='securityevent',
            name='person',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='account'),
        ),
        DropColumnIndex(
            model_name='unsubscription',
            name='user',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='unsubscriptions', to=settings.AUTH_USER_MODEL, verbose_name='user'),
        ),
    ]
