"""Countries of sources may be texts from before that are no code; postcodes may be empty."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0019_receipts'),
    ]

    operations = [
        migrations.AlterField(
            model_name='source',
            name='country',
            field=models.CharField(help_text='The ISO 3166 code of the country, such as SE.', max_length=100, verbose_name='country'),
        ),
        migrations.AlterField(
            model_name='source',
            name='postcode',
            field=models.CharField(blank=True, help_text='Needed where the country has postcodes.', max_length=32, verbose_name='postcode'),
        ),
        migrations.AlterField(
            model_name='sourceevent',
            name='country',
            field=models.CharField(help_text='The ISO 3166 code of the country, such as SE.', max_length=100, verbose_name='country'),
        ),
        migrations.AlterField(
            model_name='sourceevent',
            name='postcode',
            field=models.CharField(blank=True, help_text='Needed where the country has postcodes.', max_length=32, verbose_name='postcode'),
        ),
    ]
