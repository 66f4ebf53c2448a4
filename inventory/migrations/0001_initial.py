import core.models.columns
import django.contrib.postgres.fields
import django.core.serializers.json
import django.core.validators
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.text
import inventory.models.product
import pgtrigger.compiler
import pgtrigger.migrations
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('core', '0001_initial'),
        ('pghistory', '0007_auto_20250421_0444'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='FutureSupply',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', core.models.columns.QuantityField(verbose_name='quantity')),
                ('expected_on', models.DateField(blank=True, help_text='Leave empty while no date is known.', null=True, verbose_name='expected on')),
                ('reference', models.CharField(blank=True, help_text='For instance the purchase order.', max_length=100, verbose_name='reference')),
                ('received_quantity', core.models.columns.QuantityField(default=0, editable=False, verbose_name='received quantity')),
                ('allocated_quantity', core.models.columns.QuantityField(default=0, editable=False, verbose_name='allocated quantity')),
                ('state', models.CharField(choices=[('OPEN', 'Open'), ('RECEIVED', 'Received'), ('CANCELED', 'Canceled')], default='OPEN', editable=False, max_length=16, verbose_name='state')),
            ],
            options={
                'verbose_name': 'future supply',
                'verbose_name_plural': 'future supply',
                'ordering': ['expected_on', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='InventoryConfigurationEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('manage_stock', models.BooleanField(blank=True, help_text='No: always salable where assigned; nothing is reserved, allocated or deducted.', null=True, verbose_name='Manage Stock')),
                ('backorders', models.CharField(blank=True, choices=[('NO_BACKORDERS', 'No Backorders'), ('ALLOW_QTY_BELOW_0', 'Allow Qty Below 0'), ('ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER', 'Allow Qty Below 0 and Notify Customer')], help_text='Whether more may be sold than is on hand.', max_length=48, null=True, verbose_name='Backorders')),
                ('out_of_stock_threshold', core.models.columns.QuantityField(blank=True, help_text='The salable quantity at which a product is out of stock; negative caps backorders.', null=True, verbose_name='Out-of-Stock Threshold')),
                ('min_cart_qty', core.models.columns.QuantityField(blank=True, help_text='0 means no limit.', null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='Minimum Qty Allowed in Shopping Cart')),
                ('max_cart_qty', core.models.columns.QuantityField(blank=True, help_text='0 means no limit.', null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='Maximum Qty Allowed in Shopping Cart')),
                ('notify_quantity_below', core.models.columns.QuantityField(blank=True, help_text='A source item below this quantity is low.', null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='Notify for Quantity Below')),
                ('enable_qty_increments', models.BooleanField(blank=True, help_text='Sell in multiples only.', null=True, verbose_name='Enable Qty Increments')),
                ('qty_increments', core.models.columns.QuantityField(blank=True, help_text='More than 0; whole unless the product uses decimals.', null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.0001'))], verbose_name='Qty Increments')),
                ('auto_return_to_stock', models.BooleanField(blank=True, help_text='Ticks “return to stock” beforehand on a refund.', null=True, verbose_name='Automatically Return Credit Memo Item to Stock')),
                ('only_x_left_threshold', core.models.columns.QuantityField(blank=True, help_text='Storefronts show “Only 5 left” at or below it; 0 means never.', null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='Only X left Threshold')),
                ('future_inventory', models.BooleanField(blank=True, help_text='In force where the site says yes and the product says yes or inherits.', null=True, verbose_name='Promise from future inventory')),
                ('set_in_stock_on_return', models.BooleanField(blank=True, help_text='A return undoes an Out of Stock that the system set.', null=True, verbose_name='Set Items’ Status to be In Stock When Order is Canceled or Returned')),
                ('display_out_of_stock', models.BooleanField(blank=True, help_text='Keep products that are out of stock in listings.', null=True, verbose_name='Display Out of Stock Products')),
                ('show_availability', models.BooleanField(blank=True, help_text='Show In Stock or Out of Stock.', null=True, verbose_name='Display Products Availability in Stock on Storefront')),
                ('not_available_message', models.CharField(blank=True, choices=[('NOT_ENOUGH_ITEMS', 'Not enough items for sale'), ('ONLY_X_OF_Y', 'Only X of Y available')], help_text='What a customer reads who asks for more than can be sold.', max_length=48, null=True, verbose_name='Not Available Message')),
                ('source_selection', models.CharField(blank=True, choices=[('PRIORITY', 'Source priority'), ('DISTANCE', 'Distance')], help_text='The order in which sources are tried.', max_length=48, null=True, verbose_name='Source Selection Algorithm')),
                ('bulk_batch_size', models.IntegerField(blank=True, help_text='Bulk work over more rows than this runs in a worker.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='Bulk Batch Size')),
                ('release_enabled', models.BooleanField(blank=True, help_text='No stops scheduled and arrival runs, never one by hand.', null=True, verbose_name='Release Backorders')),
                ('release_mode', models.CharField(blank=True, choices=[('FULL', 'Full'), ('BY_LINE', 'By line'), ('BY_QUANTITY', 'By quantity')], help_text='Whether a shipment may be released in part.', max_length=48, null=True, verbose_name='Release Mode')),
                ('release_policy', models.CharField(blank=True, choices=[('SKIP_OVER', 'Skip over'), ('STRICT', 'Strict'), ('AGEING', 'Ageing')], help_text='What happens to units that a waiting shipment could use.', max_length=48, null=True, verbose_name='Release Policy')),
                ('ageing_days', models.IntegerField(blank=True, help_text='Under Ageing, units are kept for a shipment of this age or older.', null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='Ageing Days')),
                ('future_date_limit', core.models.columns.CalendarPeriodField(blank=True, help_text='How far ahead dated supply may be promised.', null=True, verbose_name='Future Date Limit')),
                ('default_backorder_days', models.IntegerField(blank=True, help_text='The expected date where nothing better is known.', null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='Default Backorder Days')),
                ('void_and_reauthorize', models.BooleanField(blank=True, help_text='Authorize anew when a shipment is released, then void the old one.', null=True, verbose_name='Void and Reauthorize')),
                ('payment_action', models.CharField(blank=True, choices=[('AUTHORIZE_AND_CAPTURE', 'Authorize and capture'), ('AUTHORIZE', 'Authorize')], help_text='When funds are captured; a payment gateway may set its own.', max_length=48, null=True, verbose_name='Payment Action')),
                ('max_sources_per_release', models.IntegerField(blank=True, help_text='Empty means no limit.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='Maximum Sources per Release')),
                ('max_sources_per_line', models.IntegerField(blank=True, help_text='Empty means no limit.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='Maximum Sources per Line')),
                ('partial_match_action', models.CharField(blank=True, choices=[('BACKORDER', 'Backorder'), ('CUSTOMER_CARE', 'Customer care'), ('CANCEL', 'Cancel')], help_text='What happens to the rest when part of an order was assigned.', max_length=48, null=True, verbose_name='Partial Match Action')),
                ('partial_match_scope', models.CharField(blank=True, choices=[('BY_QUANTITY', 'By quantity'), ('BY_LINE', 'By line'), ('ALL', 'All')], help_text='How much the action takes.', max_length=48, null=True, verbose_name='Partial Match Scope')),
                ('no_match_action', models.CharField(blank=True, choices=[('BACKORDER', 'Backorder'), ('CUSTOMER_CARE', 'Customer care'), ('CANCEL', 'Cancel')], help_text='What happens when nothing of an order was assigned.', max_length=48, null=True, verbose_name='No Match Action')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='LowStockDigest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recipient', models.EmailField(max_length=254, verbose_name='recipient')),
                ('subject', models.CharField(blank=True, max_length=300, verbose_name='subject')),
                ('body', models.TextField(blank=True, verbose_name='text')),
                ('state', models.CharField(choices=[('QUEUED', 'Queued'), ('SENDING', 'Being sent'), ('SENT', 'Sent'), ('FAILED', 'Failed'), ('UNKNOWN', 'Outcome unknown')], default='QUEUED', max_length=16, verbose_name='state')),
                ('attempt_count', models.PositiveIntegerField(default=0, verbose_name='attempts')),
                ('last_error', models.CharField(blank=True, max_length=500, verbose_name='last error')),
                ('next_attempt_at', models.DateTimeField(verbose_name='next attempt at')),
                ('claimed_at', models.DateTimeField(blank=True, null=True, verbose_name='last attempt at')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent at')),
                ('day', models.DateField(verbose_name='day')),
            ],
            options={
                'verbose_name': 'low stock digest',
                'verbose_name_plural': 'low stock digests',
                'ordering': ['-day', 'pk'],
                'permissions': [('receive_lowstockdigest', 'Can receive the daily digest of low stock')],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='PreviewSnapshot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=64, unique=True, verbose_name='name')),
                ('content', models.BinaryField()),
                ('shown_at', models.DateTimeField(verbose_name='shown at')),
            ],
            options={
                'verbose_name': 'snapshot of a preview',
                'verbose_name_plural': 'snapshots of previews',
                'ordering': ['pk'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sku', models.CharField(help_text='The code that names the product everywhere; up to 64 characters.', max_length=64, unique=True, verbose_name='SKU')),
                ('barcode', models.CharField(blank=True, help_text='The code on the package, such as a GTIN; its check digit must be right.', max_length=64, null=True, validators=[inventory.models.product.refuse_wrong_barcode], verbose_name='barcode')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('is_enabled', models.BooleanField(default=True, help_text='A disabled product cannot be ordered.', verbose_name='enabled')),
                ('product_type', models.CharField(choices=[('SIMPLE', 'Simple'), ('VIRTUAL', 'Virtual')], default='SIMPLE', help_text='A virtual product is delivered when it is invoiced and never shipped.', max_length=16, verbose_name='type')),
                ('price', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=14, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='price')),
                ('manage_stock', models.BooleanField(blank=True, help_text='No: always salable where assigned; nothing is reserved, allocated or deducted.', null=True, verbose_name='Manage Stock')),
                ('backorders', models.CharField(blank=True, choices=[('NO_BACKORDERS', 'No Backorders'), ('ALLOW_QTY_BELOW_0', 'Allow Qty Below 0'), ('ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER', 'Allow Qty Below 0 and Notify Customer')], help_text='Whether more may be sold than is on hand.', max_length=48, null=True, verbose_name='Backorders')),
                ('out_of_stock_threshold', core.models.columns.QuantityField(blank=True, help_text='The salable quantity at which a product is out of stock; negative caps backorders.', null=True, verbose_name='Out-of-Stock Threshold')),
                ('min_cart_qty', core.models.columns.QuantityField(blank=True, help_text='0 means no limit.', null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='Minimum Qty Allowed in Shopping Cart')),
                ('max_cart_qty', core.models.columns.QuantityField(blank=True, help_text='0 means no limit.', null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='Maximum Qty Allowed in Shopping Cart')),
                ('notify_quantity_below', core.models.columns.QuantityField(blank=True, help_text='A source item below this quantity is low.', null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='Notify for Quantity Below')),
                ('enable_qty_increments', models.BooleanField(blank=True, help_text='Sell in multiples only.', null=True, verbose_name='Enable Qty Increments')),
                ('qty_increments', core.models.columns.QuantityField(blank=True, help_text='More than 0; whole unless the product uses decimals.', null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.0001'))], verbose_name='Qty Increments')),
                ('qty_uses_decimals', models.BooleanField(blank=True, help_text='Whole quantities only when No.', null=True, verbose_name='Qty Uses Decimals')),
                ('allow_multiple_boxes', models.BooleanField(blank=True, help_text='No: a line with decimals is packed in one piece. It never limits sources.', null=True, verbose_name='Allow Multiple Boxes for Shipping')),
                ('auto_return_to_stock', models.BooleanField(blank=True, help_text='Ticks “return to stock” beforehand on a refund.', null=True, verbose_name='Automatically Return Credit Memo Item to Stock')),
                ('only_x_left_threshold', core.models.columns.QuantityField(blank=True, help_text='Storefronts show “Only 5 left” at or below it; 0 means never.', null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='Only X left Threshold')),
                ('future_inventory', models.BooleanField(blank=True, help_text='In force where the site says yes and the product says yes or inherits.', null=True, verbose_name='Promise from future inventory')),
            ],
            options={
                'verbose_name': 'product',
                'verbose_name_plural': 'products',
                'ordering': ['sku'],
            },
        ),
        migrations.CreateModel(
            name='ProductEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('sku', models.CharField(help_text='The code that names the product everywhere; up to 64 characters.', max_length=64, verbose_name='SKU')),
                ('barcode', models.CharField(blank=True, help_text='The code on the package, such as a GTIN; its check digit must be right.', max_length=64, null=True, validators=[inventory.models.product.refuse_wrong_barcode], verbose_name='barcode')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('is_enabled', models.BooleanField(default=True, help_text='A disabled product cannot be ordered.', verbose_name='enabled')),
                ('product_type', models.CharField(choices=[('SIMPLE', 'Simple'), ('VIRTUAL', 'Virtual')], default='SIMPLE', help_text='A virtual product is delivered when it is invoiced and never shipped.', max_length=16, verbose_name='type')),
                ('price', models.DecimalField(decimal_places=2, default=Decimal('0.00'), max_digits=14, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='price')),
                ('manage_stock', models.BooleanField(blank=True, help_text='No: always salable where assigned; nothing is reserved, allocated or deducted.', null=True, verbose_name='Manage Stock')),
                ('backorders', models.CharField(blank=True, choices=[('NO_BACKORDERS', 'No Backorders'), ('ALLOW_QTY_BELOW_0', 'Allow Qty Below 0'), ('ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER', 'Allow Qty Below 0 and Notify Customer')], help_text='Whether more may be sold than is on hand.', max_length=48, null=True, verbose_name='Backorders')),
                ('out_of_stock_threshold', core.models.columns.QuantityField(blank=True, help_text='The salable quantity at which a product is out of stock; negative caps backorders.', null=True, verbose_name='Out-of-Stock Threshold')),
                ('min_cart_qty', core.models.columns.QuantityField(blank=True, help_text='0 means no limit.', null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='Minimum Qty Allowed in Shopping Cart')),
                ('max_cart_qty', core.models.columns.QuantityField(blank=True, help_text='0 means no limit.', null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='Maximum Qty Allowed in Shopping Cart')),
                ('notify_quantity_below', core.models.columns.QuantityField(blank=True, help_text='A source item below this quantity is low.', null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='Notify for Quantity Below')),
                ('enable_qty_increments', models.BooleanField(blank=True, help_text='Sell in multiples only.', null=True, verbose_name='Enable Qty Increments')),
                ('qty_increments', core.models.columns.QuantityField(blank=True, help_text='More than 0; whole unless the product uses decimals.', null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.0001'))], verbose_name='Qty Increments')),
                ('qty_uses_decimals', models.BooleanField(blank=True, help_text='Whole quantities only when No.', null=True, verbose_name='Qty Uses Decimals')),
                ('allow_multiple_boxes', models.BooleanField(blank=True, help_text='No: a line with decimals is packed in one piece. It never limits sources.', null=True, verbose_name='Allow Multiple Boxes for Shipping')),
                ('auto_return_to_stock', models.BooleanField(blank=True, help_text='Ticks “return to stock” beforehand on a refund.', null=True, verbose_name='Automatically Return Credit Memo Item to Stock')),
                ('only_x_left_threshold', core.models.columns.QuantityField(blank=True, help_text='Storefronts show “Only 5 left” at or below it; 0 means never.', null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='Only X left Threshold')),
                ('future_inventory', models.BooleanField(blank=True, help_text='In force where the site says yes and the product says yes or inherits.', null=True, verbose_name='Promise from future inventory')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Receipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', core.models.columns.QuantityField(verbose_name='quantity')),
                ('taken_back_quantity', core.models.columns.QuantityField(default=0, verbose_name='taken back')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('token', models.UUIDField(editable=False, null=True, unique=True)),
                ('received_at', models.DateTimeField(verbose_name='received at')),
            ],
            options={
                'verbose_name': 'receipt',
                'verbose_name_plural': 'receipts',
                'ordering': ['pk'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ReceiptReversal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', core.models.columns.QuantityField(verbose_name='quantity')),
                ('reason', models.CharField(max_length=500, verbose_name='reason')),
                ('made_at', models.DateTimeField(verbose_name='taken back at')),
            ],
            options={
                'verbose_name': 'receipt taken back',
                'verbose_name_plural': 'receipts taken back',
                'ordering': ['pk'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Reservation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', core.models.columns.QuantityField(verbose_name='quantity')),
                ('event', models.CharField(choices=[('PLACED', 'Placed'), ('FULFILLED', 'Fulfilled'), ('INVOICED', 'Invoiced'), ('CANCELED', 'Canceled'), ('REFUNDED', 'Refunded'), ('COMPENSATION', 'Manual compensation')], max_length=16, verbose_name='event')),
                ('order_line_id', models.BigIntegerField(blank=True, null=True, verbose_name='order line')),
                ('order_number', models.CharField(blank=True, max_length=64, verbose_name='order')),
                ('sequence', models.BigIntegerField(default=0, help_text='Tells apart events of one kind on one line.', verbose_name='sequence')),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('created_at', models.DateTimeField(verbose_name='time')),
            ],
            options={
                'verbose_name': 'reservation',
                'verbose_name_plural': 'reservations',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='SalesChannel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(db_collation='C', max_length=64, unique=True, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9_-]+\\Z', 'Use letters A to Z, digits, hyphen and underscore only.')], verbose_name='code')),
                ('name', models.CharField(blank=True, max_length=200, verbose_name='name')),
            ],
            options={
                'verbose_name': 'sales channel',
                'verbose_name_plural': 'sales channels',
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='Source',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(db_collation='C', help_text='Names the source in files and over the API; fixed after creation.', max_length=64, unique=True, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9_-]+\\Z', 'Use letters A to Z, digits, hyphen and underscore only.')], verbose_name='code')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('is_enabled', models.BooleanField(default=True, help_text='A disabled source sells and ships nothing new.', verbose_name='enabled')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('ships_to_home', models.BooleanField(default=True, help_text='Orders sent to an address may leave here.', verbose_name='ships to home')),
                ('is_pickup_location', models.BooleanField(default=False, help_text='Customers may collect here; needs street, city and phone.', verbose_name='is pickup location')),
                ('contact_name', models.CharField(blank=True, max_length=200, verbose_name='contact name')),
                ('email', models.EmailField(blank=True, help_text='Receives the daily low-stock digest of this source.', max_length=254, verbose_name='e-mail')),
                ('phone', models.CharField(blank=True, max_length=64, verbose_name='phone')),
                ('street', models.CharField(blank=True, max_length=200, verbose_name='street')),
                ('city', models.CharField(blank=True, max_length=100, verbose_name='city')),
                ('region', models.CharField(blank=True, max_length=100, verbose_name='region')),
                ('postcode', models.CharField(blank=True, help_text='Needed where the country has postcodes.', max_length=32, verbose_name='postcode')),
                ('country', models.CharField(help_text='The ISO 3166 code of the country, such as SE.', max_length=100, verbose_name='country')),
                ('latitude', models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True, validators=[django.core.validators.MinValueValidator(-90), django.core.validators.MaxValueValidator(90)], verbose_name='latitude')),
                ('longitude', models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True, validators=[django.core.validators.MinValueValidator(-180), django.core.validators.MaxValueValidator(180)], verbose_name='longitude')),
            ],
            options={
                'verbose_name': 'source',
                'verbose_name_plural': 'sources',
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='SourceEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('code', models.CharField(db_collation='C', help_text='Names the source in files and over the API; fixed after creation.', max_length=64, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9_-]+\\Z', 'Use letters A to Z, digits, hyphen and underscore only.')], verbose_name='code')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('is_enabled', models.BooleanField(default=True, help_text='A disabled source sells and ships nothing new.', verbose_name='enabled')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('ships_to_home', models.BooleanField(default=True, help_text='Orders sent to an address may leave here.', verbose_name='ships to home')),
                ('is_pickup_location', models.BooleanField(default=False, help_text='Customers may collect here; needs street, city and phone.', verbose_name='is pickup location')),
                ('contact_name', models.CharField(blank=True, max_length=200, verbose_name='contact name')),
                ('email', models.EmailField(blank=True, help_text='Receives the daily low-stock digest of this source.', max_length=254, verbose_name='e-mail')),
                ('phone', models.CharField(blank=True, max_length=64, verbose_name='phone')),
                ('street', models.CharField(blank=True, max_length=200, verbose_name='street')),
                ('city', models.CharField(blank=True, max_length=100, verbose_name='city')),
                ('region', models.CharField(blank=True, max_length=100, verbose_name='region')),
                ('postcode', models.CharField(blank=True, help_text='Needed where the country has postcodes.', max_length=32, verbose_name='postcode')),
                ('country', models.CharField(help_text='The ISO 3166 code of the country, such as SE.', max_length=100, verbose_name='country')),
                ('latitude', models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True, validators=[django.core.validators.MinValueValidator(-90), django.core.validators.MaxValueValidator(90)], verbose_name='latitude')),
                ('longitude', models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True, validators=[django.core.validators.MinValueValidator(-180), django.core.validators.MaxValueValidator(180)], verbose_name='longitude')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SourceItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', core.models.columns.QuantityField(default=0, help_text='Units physically there.', verbose_name='quantity')),
                ('allocated', core.models.columns.QuantityField(default=0, editable=False, help_text='Units set aside for shipments.', verbose_name='allocated')),
                ('safety_stock', core.models.columns.QuantityField(default=0, help_text='Units this source keeps back from allocation.', verbose_name='safety stock')),
                ('status', models.CharField(choices=[('IN_STOCK', 'In Stock'), ('OUT_OF_STOCK', 'Out of Stock')], default='IN_STOCK', max_length=16, verbose_name='status')),
                ('is_status_automatic', models.BooleanField(default=False, editable=False, help_text='Out of Stock was written when the quantity reached 0; an increase undoes it.', verbose_name='status set by the system')),
                ('backorders', models.CharField(blank=True, choices=[('NO_BACKORDERS', 'No Backorders'), ('ALLOW_QTY_BELOW_0', 'Allow Qty Below 0'), ('ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER', 'Allow Qty Below 0 and Notify Customer')], help_text='Whether more may be sold than is on hand.', max_length=48, null=True, verbose_name='Backorders')),
                ('notify_quantity_below', core.models.columns.QuantityField(blank=True, help_text='A source item below this quantity is low.', null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='Notify for Quantity Below')),
                ('qty_uses_decimals', models.BooleanField(blank=True, help_text='Whole quantities only when No.', null=True, verbose_name='Qty Uses Decimals')),
            ],
            options={
                'verbose_name': 'source item',
                'verbose_name_plural': 'source items',
                'ordering': ['product__sku', 'source__code'],
            },
        ),
        migrations.CreateModel(
            name='SourceItemEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('quantity', core.models.columns.QuantityField(default=0, help_text='Units physically there.', verbose_name='quantity')),
                ('safety_stock', core.models.columns.QuantityField(default=0, help_text='Units this source keeps back from allocation.', verbose_name='safety stock')),
                ('status', models.CharField(choices=[('IN_STOCK', 'In Stock'), ('OUT_OF_STOCK', 'Out of Stock')], default='IN_STOCK', max_length=16, verbose_name='status')),
                ('is_status_automatic', models.BooleanField(default=False, editable=False, help_text='Out of Stock was written when the quantity reached 0; an increase undoes it.', verbose_name='status set by the system')),
                ('backorders', models.CharField(blank=True, choices=[('NO_BACKORDERS', 'No Backorders'), ('ALLOW_QTY_BELOW_0', 'Allow Qty Below 0'), ('ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER', 'Allow Qty Below 0 and Notify Customer')], help_text='Whether more may be sold than is on hand.', max_length=48, null=True, verbose_name='Backorders')),
                ('notify_quantity_below', core.models.columns.QuantityField(blank=True, help_text='A source item below this quantity is low.', null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='Notify for Quantity Below')),
                ('qty_uses_decimals', models.BooleanField(blank=True, help_text='Whole quantities only when No.', null=True, verbose_name='Qty Uses Decimals')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Stock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(db_collation='C', help_text='Names the stock in files and over the API; fixed after creation.', max_length=64, unique=True, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9_-]+\\Z', 'Use letters A to Z, digits, hyphen and underscore only.')], verbose_name='code')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
            ],
            options={
                'verbose_name': 'stock',
                'verbose_name_plural': 'stocks',
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='StockBalance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reserved', core.models.columns.QuantityField(default=0, verbose_name='reserved')),
                ('allocated', core.models.columns.QuantityField(default=0, verbose_name='allocated')),
                ('waiting_quantity', models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('reserved'), '*', models.Value(-1)), '-', models.F('allocated')), output_field=core.models.columns.QuantityField(), verbose_name='waiting quantity')),
            ],
            options={
                'verbose_name': 'stock balance',
                'verbose_name_plural': 'stock balances',
                'ordering': ['stock', 'product'],
            },
        ),
        migrations.CreateModel(
            name='StockEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('code', models.CharField(db_collation='C', help_text='Names the stock in files and over the API; fixed after creation.', max_length=64, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9_-]+\\Z', 'Use letters A to Z, digits, hyphen and underscore only.')], verbose_name='code')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='StockSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('priority', models.PositiveIntegerField(validators=[django.core.validators.MinValueValidator(1)], verbose_name='priority')),
            ],
            options={
                'verbose_name': 'assigned source',
                'verbose_name_plural': 'assigned sources',
                'ordering': ['stock', 'priority', 'source__code'],
            },
        ),
        migrations.CreateModel(
            name='StockSourceEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('priority', models.PositiveIntegerField(validators=[django.core.validators.MinValueValidator(1)], verbose_name='priority')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='BulkChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.CharField(choices=[('ASSIGN', 'Assign sources'), ('UNASSIGN', 'Unassign sources'), ('TRANSFER', 'Transfer to another source'), ('STATUS', 'Set status'), ('PRODUCT_OPTION', 'Set or clear an option of the products'), ('ITEM_OPTION', 'Set or clear an option at the sources'), ('TAKE_BACK', 'Take back')], max_length=16, verbose_name='action')),
                ('values', models.JSONField(default=dict, editable=False, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='values')),
                ('summary', models.CharField(max_length=300, verbose_name='what was done')),
                ('row_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), editable=False, size=None)),
                ('row_digests', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), editable=False, null=True, size=None)),
                ('chosen_count', models.PositiveIntegerField(verbose_name='rows chosen')),
                ('position', models.PositiveIntegerField(default=0, verbose_name='chosen rows done')),
                ('changed_count', models.PositiveIntegerField(default=0, verbose_name='rows changed')),
                ('unchanged_count', models.PositiveIntegerField(default=0, verbose_name='rows that had it already')),
                ('refused_count', models.PositiveIntegerField(default=0, verbose_name='rows refused')),
                ('entry_ids', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, editable=False, size=None)),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('job', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='bulk_change', to='core.job', verbose_name='background job')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by')),
            ],
            options={
                'verbose_name': 'bulk change',
                'verbose_name_plural': 'bulk changes',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='BulkRefusal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sku', models.CharField(max_length=64, verbose_name='SKU')),
                ('source', models.CharField(blank=True, max_length=64, verbose_name='source')),
                ('message', models.TextField(verbose_name='message')),
                ('values', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='values')),
                ('shifts', models.JSONField(default=list, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='what it shows')),
                ('change', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='refusals', to='inventory.bulkchange', verbose_name='bulk change')),
            ],
            options={
                'verbose_name': 'refused row',
                'verbose_name_plural': 'refused rows',
                'ordering': ['pk'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='FutureSupplyEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('quantity', core.models.columns.QuantityField(verbose_name='quantity')),
                ('expected_on', models.DateField(blank=True, help_text='Leave empty while no date is known.', null=True, verbose_name='expected on')),
                ('reference', models.CharField(blank=True, help_text='For instance the purchase order.', max_length=100, verbose_name='reference')),
                ('received_quantity', core.models.columns.QuantityField(default=0, editable=False, verbose_name='received quantity')),
                ('state', models.CharField(choices=[('OPEN', 'Open'), ('RECEIVED', 'Received'), ('CANCELED', 'Canceled')], default='OPEN', editable=False, max_length=16, verbose_name='state')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='inventory.futuresupply')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ImportFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('format', models.CharField(choices=[('STOCK_SOURCES', 'Stock sources'), ('PRODUCTS', 'Products'), ('FUTURE_SUPPLY', 'Future supply'), ('ORDERS', 'Orders')], max_length=16, verbose_name='format')),
                ('behavior', models.CharField(choices=[('APPEND', 'Add and change'), ('REPLACE', 'Replace'), ('DELETE', 'Delete')], default='APPEND', max_length=16, verbose_name='behavior')),
                ('name', models.CharField(max_length=200, verbose_name='file name')),
                ('kind', models.CharField(choices=[('CSV', 'CSV'), ('XLSX', 'Spreadsheet (.xlsx)'), ('ODS', 'Spreadsheet (.ods)')], default='CSV', max_length=8, verbose_name='kind of file')),
                ('digest', models.CharField(help_text='Tells whether two files are the same.', max_length=64, verbose_name='SHA-256')),
                ('text', models.TextField(blank=True, editable=False, verbose_name='text')),
                ('row_count', models.PositiveIntegerField(default=0, verbose_name='rows')),
                ('state', models.CharField(choices=[('CHECKING', 'Being checked'), ('CHECKED', 'To be confirmed'), ('REFUSED', 'Has errors'), ('WRITTEN', 'Written')], default='CHECKING', max_length=16, verbose_name='state')),
                ('message', models.TextField(blank=True, verbose_name='message')),
                ('findings', models.JSONField(default=dict, editable=False, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='findings')),
                ('context_id', models.UUIDField(editable=False, null=True, verbose_name='entry of history')),
                ('stored_values', models.BinaryField(null=True)),
                ('uploaded_at', models.DateTimeField(verbose_name='uploaded at')),
                ('written_at', models.DateTimeField(null=True, verbose_name='written at')),
                ('uploaded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='uploaded by')),
            ],
            options={
                'verbose_name': 'import',
                'verbose_name_plural': 'imports',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='ImportStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveIntegerField(verbose_name='line')),
                ('name', models.TextField(verbose_name='row')),
                ('kind', models.CharField(choices=[('NEW', 'new'), ('CHANGED', 'changed'), ('DELETED', 'deleted')], max_length=8, verbose_name='change')),
                ('cells', models.JSONField(default=list, verbose_name='cells')),
                ('file', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='inventory.importfile', verbose_name='import')),
            ],
            options={
                'verbose_name': 'row of an import',
                'verbose_name_plural': 'rows of imports',
                'ordering': ['file', 'line'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='InventoryConfiguration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('manage_stock', models.BooleanField(blank=True, help_text='No: always salable where assigned; nothing is reserved, allocated or deducted.', null=True, verbose_name='Manage Stock')),
                ('backorders', models.CharField(blank=True, choices=[('NO_BACKORDERS', 'No Backorders'), ('ALLOW_QTY_BELOW_0', 'Allow Qty Below 0'), ('ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER', 'Allow Qty Below 0 and Notify Customer')], help_text='Whether more may be sold than is on hand.', max_length=48, null=True, verbose_name='Backorders')),
                ('out_of_stock_threshold', core.models.columns.QuantityField(blank=True, help_text='The salable quantity at which a product is out of stock; negative caps backorders.', null=True, verbose_name='Out-of-Stock Threshold')),
                ('min_cart_qty', core.models.columns.QuantityField(blank=True, help_text='0 means no limit.', null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='Minimum Qty Allowed in Shopping Cart')),
                ('max_cart_qty', core.models.columns.QuantityField(blank=True, help_text='0 means no limit.', null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='Maximum Qty Allowed in Shopping Cart')),
                ('notify_quantity_below', core.models.columns.QuantityField(blank=True, help_text='A source item below this quantity is low.', null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='Notify for Quantity Below')),
                ('enable_qty_increments', models.BooleanField(blank=True, help_text='Sell in multiples only.', null=True, verbose_name='Enable Qty Increments')),
                ('qty_increments', core.models.columns.QuantityField(blank=True, help_text='More than 0; whole unless the product uses decimals.', null=True, validators=[django.core.validators.MinValueValidator(Decimal('0.0001'))], verbose_name='Qty Increments')),
                ('auto_return_to_stock', models.BooleanField(blank=True, help_text='Ticks “return to stock” beforehand on a refund.', null=True, verbose_name='Automatically Return Credit Memo Item to Stock')),
                ('only_x_left_threshold', core.models.columns.QuantityField(blank=True, help_text='Storefronts show “Only 5 left” at or below it; 0 means never.', null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='Only X left Threshold')),
                ('future_inventory', models.BooleanField(blank=True, help_text='In force where the site says yes and the product says yes or inherits.', null=True, verbose_name='Promise from future inventory')),
                ('set_in_stock_on_return', models.BooleanField(blank=True, help_text='A return undoes an Out of Stock that the system set.', null=True, verbose_name='Set Items’ Status to be In Stock When Order is Canceled or Returned')),
                ('display_out_of_stock', models.BooleanField(blank=True, help_text='Keep products that are out of stock in listings.', null=True, verbose_name='Display Out of Stock Products')),
                ('show_availability', models.BooleanField(blank=True, help_text='Show In Stock or Out of Stock.', null=True, verbose_name='Display Products Availability in Stock on Storefront')),
                ('not_available_message', models.CharField(blank=True, choices=[('NOT_ENOUGH_ITEMS', 'Not enough items for sale'), ('ONLY_X_OF_Y', 'Only X of Y available')], help_text='What a customer reads who asks for more than can be sold.', max_length=48, null=True, verbose_name='Not Available Message')),
                ('source_selection', models.CharField(blank=True, choices=[('PRIORITY', 'Source priority'), ('DISTANCE', 'Distance')], help_text='The order in which sources are tried.', max_length=48, null=True, verbose_name='Source Selection Algorithm')),
                ('bulk_batch_size', models.IntegerField(blank=True, help_text='Bulk work over more rows than this runs in a worker.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='Bulk Batch Size')),
                ('release_enabled', models.BooleanField(blank=True, help_text='No stops scheduled and arrival runs, never one by hand.', null=True, verbose_name='Release Backorders')),
                ('release_mode', models.CharField(blank=True, choices=[('FULL', 'Full'), ('BY_LINE', 'By line'), ('BY_QUANTITY', 'By quantity')], help_text='Whether a shipment may be released in part.', max_length=48, null=True, verbose_name='Release Mode')),
                ('release_policy', models.CharField(blank=True, choices=[('SKIP_OVER', 'Skip over'), ('STRICT', 'Strict'), ('AGEING', 'Ageing')], help_text='What happens to units that a waiting shipment could use.', max_length=48, null=True, verbose_name='Release Policy')),
                ('ageing_days', models.IntegerField(blank=True, help_text='Under Ageing, units are kept for a shipment of this age or older.', null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='Ageing Days')),
                ('future_date_limit', core.models.columns.CalendarPeriodField(blank=True, help_text='How far ahead dated supply may be promised.', null=True, verbose_name='Future Date Limit')),
                ('default_backorder_days', models.IntegerField(blank=True, help_text='The expected date where nothing better is known.', null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='Default Backorder Days')),
                ('void_and_reauthorize', models.BooleanField(blank=True, help_text='Authorize anew when a shipment is released, then void the old one.', null=True, verbose_name='Void and Reauthorize')),
                ('payment_action', models.CharField(blank=True, choices=[('AUTHORIZE_AND_CAPTURE', 'Authorize and capture'), ('AUTHORIZE', 'Authorize')], help_text='When funds are captured; a payment gateway may set its own.', max_length=48, null=True, verbose_name='Payment Action')),
                ('max_sources_per_release', models.IntegerField(blank=True, help_text='Empty means no limit.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='Maximum Sources per Release')),
                ('max_sources_per_line', models.IntegerField(blank=True, help_text='Empty means no limit.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='Maximum Sources per Line')),
                ('partial_match_action', models.CharField(blank=True, choices=[('BACKORDER', 'Backorder'), ('CUSTOMER_CARE', 'Customer care'), ('CANCEL', 'Cancel')], help_text='What happens to the rest when part of an order was assigned.', max_length=48, null=True, verbose_name='Partial Match Action')),
                ('partial_match_scope', models.CharField(blank=True, choices=[('BY_QUANTITY', 'By quantity'), ('BY_LINE', 'By line'), ('ALL', 'All')], help_text='How much the action takes.', max_length=48, null=True, verbose_name='Partial Match Scope')),
                ('no_match_action', models.CharField(blank=True, choices=[('BACKORDER', 'Backorder'), ('CUSTOMER_CARE', 'Customer care'), ('CANCEL', 'Cancel')], help_text='What happens when nothing of an order was assigned.', max_length=48, null=True, verbose_name='No Match Action')),
            ],
            options={
                'verbose_name': 'inventory configuration',
                'verbose_name_plural': 'inventory configuration',
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='inventory_configuration_is_a_singleton', violation_error_message='There is one inventory configuration.')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='inventoryconfiguration',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_inventoryconfigurationevent" ("ageing_days", "auto_return_to_stock", "backorders", "bulk_batch_size", "default_backorder_days", "display_out_of_stock", "enable_qty_increments", "future_date_limit", "future_inventory", "id", "manage_stock", "max_cart_qty", "max_sources_per_line", "max_sources_per_release", "min_cart_qty", "no_match_action", "not_available_message", "notify_quantity_below", "only_x_left_threshold", "out_of_stock_threshold", "partial_match_action", "partial_match_scope", "payment_action", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "qty_increments", "release_enabled", "release_mode", "release_policy", "set_in_stock_on_return", "show_availability", "source_selection", "void_and_reauthorize") SELECT new_values."ageing_days", new_values."auto_return_to_stock", new_values."backorders", new_values."bulk_batch_size", new_values."default_backorder_days", new_values."display_out_of_stock", new_values."enable_qty_increments", new_values."future_date_limit", new_values."future_inventory", new_values."id", new_values."manage_stock", new_values."max_cart_qty", new_values."max_sources_per_line", new_values."max_sources_per_release", new_values."min_cart_qty", new_values."no_match_action", new_values."not_available_message", new_values."notify_quantity_below", new_values."only_x_left_threshold", new_values."out_of_stock_threshold", new_values."partial_match_action", new_values."partial_match_scope", new_values."payment_action", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."qty_increments", new_values."release_enabled", new_values."release_mode", new_values."release_policy", new_values."set_in_stock_on_return", new_values."show_availability", new_values."source_selection", new_values."void_and_reauthorize" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='787ea45deabc1a868721200a000171dc46ef7de0', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_56655', referencing='REFERENCING NEW TABLE AS new_values ', table='inventory_inventoryconfiguration', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='inventoryconfiguration',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_inventoryconfigurationevent" ("ageing_days", "auto_return_to_stock", "backorders", "bulk_batch_size", "default_backorder_days", "display_out_of_stock", "enable_qty_increments", "future_date_limit", "future_inventory", "id", "manage_stock", "max_cart_qty", "max_sources_per_line", "max_sources_per_release", "min_cart_qty", "no_match_action", "not_available_message", "notify_quantity_below", "only_x_left_threshold", "out_of_stock_threshold", "partial_match_action", "partial_match_scope", "payment_action", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "qty_increments", "release_enabled", "release_mode", "release_policy", "set_in_stock_on_return", "show_availability", "source_selection", "void_and_reauthorize") SELECT new_values."ageing_days", new_values."auto_return_to_stock", new_values."backorders", new_values."bulk_batch_size", new_values."default_backorder_days", new_values."display_out_of_stock", new_values."enable_qty_increments", new_values."future_date_limit", new_values."future_inventory", new_values."id", new_values."manage_stock", new_values."max_cart_qty", new_values."max_sources_per_line", new_values."max_sources_per_release", new_values."min_cart_qty", new_values."no_match_action", new_values."not_available_message", new_values."notify_quantity_below", new_values."only_x_left_threshold", new_values."out_of_stock_threshold", new_values."partial_match_action", new_values."partial_match_scope", new_values."payment_action", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."qty_increments", new_values."release_enabled", new_values."release_mode", new_values."release_policy", new_values."set_in_stock_on_return", new_values."show_availability", new_values."source_selection", new_values."void_and_reauthorize" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='2584b1f7f375a053e49262452194b0ff82ac8d36', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_0351e', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='inventory_inventoryconfiguration', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='inventoryconfiguration',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_inventoryconfigurationevent" ("ageing_days", "auto_return_to_stock", "backorders", "bulk_batch_size", "default_backorder_days", "display_out_of_stock", "enable_qty_increments", "future_date_limit", "future_inventory", "id", "manage_stock", "max_cart_qty", "max_sources_per_line", "max_sources_per_release", "min_cart_qty", "no_match_action", "not_available_message", "notify_quantity_below", "only_x_left_threshold", "out_of_stock_threshold", "partial_match_action", "partial_match_scope", "payment_action", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "qty_increments", "release_enabled", "release_mode", "release_policy", "set_in_stock_on_return", "show_availability", "source_selection", "void_and_reauthorize") SELECT old_values."ageing_days", old_values."auto_return_to_stock", old_values."backorders", old_values."bulk_batch_size", old_values."default_backorder_days", old_values."display_out_of_stock", old_values."enable_qty_increments", old_values."future_date_limit", old_values."future_inventory", old_values."id", old_values."manage_stock", old_values."max_cart_qty", old_values."max_sources_per_line", old_values."max_sources_per_release", old_values."min_cart_qty", old_values."no_match_action", old_values."not_available_message", old_values."notify_quantity_below", old_values."only_x_left_threshold", old_values."out_of_stock_threshold", old_values."partial_match_action", old_values."partial_match_scope", old_values."payment_action", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."qty_increments", old_values."release_enabled", old_values."release_mode", old_values."release_policy", old_values."set_in_stock_on_return", old_values."show_availability", old_values."source_selection", old_values."void_and_reauthorize" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='ba287e739e7899a8601efa11e2772f92e52ebc8c', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_7a758', referencing='REFERENCING OLD TABLE AS old_values ', table='inventory_inventoryconfiguration', when='AFTER')),
        ),
        migrations.AddField(
            model_name='inventoryconfigurationevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='inventoryconfigurationevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='inventory.inventoryconfiguration'),
        ),
        migrations.AddIndex(
            model_name='previewsnapshot',
            index=models.Index(fields=['shown_at'], name='preview_snapshot_shown_at'),
        ),
        migrations.AddIndex(
            model_name='product',
            index=models.Index(django.db.models.functions.text.Lower(models.Func('sku', template='normalize(%(expressions)s, NFKC)')), name='product_sku_look_alike'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['IMMEDIATE'], fields=('barcode',), name='product_barcode_once', violation_error_code='unique', violation_error_message='Another product has this barcode.'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('barcode', ''), _negated=True), name='product_barcode_not_blank', violation_error_message='A barcode that is not known is left out.'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('sku', ''), _negated=True), name='product_sku_not_blank', violation_error_message='A product needs a SKU.'),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('price__gte', 0)), name='product_price_not_negative', violation_error_message='A price is never negative.'),
        ),
        migrations.AddField(
            model_name='futuresupplyevent',
            name='product',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='inventory.product', verbose_name='product'),
        ),
        migrations.AddField(
            model_name='futuresupply',
            name='product',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='future_supply', to='inventory.product', verbose_name='product'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='product',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_productevent" ("allow_multiple_boxes", "auto_return_to_stock", "backorders", "barcode", "enable_qty_increments", "future_inventory", "id", "is_enabled", "manage_stock", "max_cart_qty", "min_cart_qty", "name", "notify_quantity_below", "only_x_left_threshold", "out_of_stock_threshold", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price", "product_type", "qty_increments", "qty_uses_decimals", "sku") SELECT new_values."allow_multiple_boxes", new_values."auto_return_to_stock", new_values."backorders", new_values."barcode", new_values."enable_qty_increments", new_values."future_inventory", new_values."id", new_values."is_enabled", new_values."manage_stock", new_values."max_cart_qty", new_values."min_cart_qty", new_values."name", new_values."notify_quantity_below", new_values."only_x_left_threshold", new_values."out_of_stock_threshold", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."price", new_values."product_type", new_values."qty_increments", new_values."qty_uses_decimals", new_values."sku" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='b74da04b58189abf5c813acf7fb7c06124fba75d', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_936b5', referencing='REFERENCING NEW TABLE AS new_values ', table='inventory_product', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='product',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_productevent" ("allow_multiple_boxes", "auto_return_to_stock", "backorders", "barcode", "enable_qty_increments", "future_inventory", "id", "is_enabled", "manage_stock", "max_cart_qty", "min_cart_qty", "name", "notify_quantity_below", "only_x_left_threshold", "out_of_stock_threshold", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price", "product_type", "qty_increments", "qty_uses_decimals", "sku") SELECT new_values."allow_multiple_boxes", new_values."auto_return_to_stock", new_values."backorders", new_values."barcode", new_values."enable_qty_increments", new_values."future_inventory", new_values."id", new_values."is_enabled", new_values."manage_stock", new_values."max_cart_qty", new_values."min_cart_qty", new_values."name", new_values."notify_quantity_below", new_values."only_x_left_threshold", new_values."out_of_stock_threshold", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."price", new_values."product_type", new_values."qty_increments", new_values."qty_uses_decimals", new_values."sku" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='ea2956c4ba904dc953444a4adaaba0202c5a00db', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_23ae4', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='inventory_product', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='product',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_productevent" ("allow_multiple_boxes", "auto_return_to_stock", "backorders", "barcode", "enable_qty_increments", "future_inventory", "id", "is_enabled", "manage_stock", "max_cart_qty", "min_cart_qty", "name", "notify_quantity_below", "only_x_left_threshold", "out_of_stock_threshold", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "price", "product_type", "qty_increments", "qty_uses_decimals", "sku") SELECT old_values."allow_multiple_boxes", old_values."auto_return_to_stock", old_values."backorders", old_values."barcode", old_values."enable_qty_increments", old_values."future_inventory", old_values."id", old_values."is_enabled", old_values."manage_stock", old_values."max_cart_qty", old_values."min_cart_qty", old_values."name", old_values."notify_quantity_below", old_values."only_x_left_threshold", old_values."out_of_stock_threshold", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."price", old_values."product_type", old_values."qty_increments", old_values."qty_uses_decimals", old_values."sku" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='f5c1bbc9780f9532cd25b3e853eda751a631147d', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_c5b0b', referencing='REFERENCING OLD TABLE AS old_values ', table='inventory_product', when='AFTER')),
        ),
        migrations.AddField(
            model_name='productevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='productevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='inventory.product'),
        ),
        migrations.AddField(
            model_name='receipt',
            name='future_supply',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='inventory.futuresupply', verbose_name='future supply'),
        ),
        migrations.AddField(
            model_name='receipt',
            name='received_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='received by'),
        ),
        migrations.AddField(
            model_name='receiptreversal',
            name='made_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='taken back by'),
        ),
        migrations.AddField(
            model_name='receiptreversal',
            name='receipt',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reversals', to='inventory.receipt', verbose_name='receipt'),
        ),
        migrations.AddField(
            model_name='reservation',
            name='actor',
            field=models.ForeignKey(blank=True, help_text='Who caused it; empty for the system.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='actor'),
        ),
        migrations.AddField(
            model_name='reservation',
            name='product',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reservations', to='inventory.product', verbose_name='product'),
        ),
        migrations.AddConstraint(
            model_name='source',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('code', 'default'), _negated=True), ('is_enabled', True), _connector='OR'), name='source_default_stays_enabled', violation_error_message='The default source cannot be disabled.'),
        ),
        migrations.AddConstraint(
            model_name='source',
            constraint=models.CheckConstraint(condition=models.Q(('is_pickup_location', False), models.Q(models.Q(('street', ''), _negated=True), models.Q(('city', ''), _negated=True), models.Q(('phone', ''), _negated=True)), _connector='OR'), name='source_pickup_location_has_address_and_phone', violation_error_message='A pickup location needs a street, a city and a phone.'),
        ),
        migrations.AddConstraint(
            model_name='source',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('latitude', None), ('longitude', None)), models.Q(('latitude__isnull', False), ('longitude__isnull', False)), _connector='OR'), name='source_has_both_coordinates_or_none', violation_error_message='Give both latitude and longitude, or neither.'),
        ),
        migrations.AddField(
            model_name='lowstockdigest',
            name='source',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='digests', to='inventory.source', verbose_name='source'),
        ),
        migrations.AddField(
            model_name='futuresupplyevent',
            name='source',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='inventory.source', verbose_name='source'),
        ),
        migrations.AddField(
            model_name='futuresupply',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='future_supply', to='inventory.source', verbose_name='source'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='source',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_sourceevent" ("city", "code", "contact_name", "country", "description", "email", "id", "is_enabled", "is_pickup_location", "latitude", "longitude", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "postcode", "region", "ships_to_home", "street") SELECT new_values."city", new_values."code", new_values."contact_name", new_values."country", new_values."description", new_values."email", new_values."id", new_values."is_enabled", new_values."is_pickup_location", new_values."latitude", new_values."longitude", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."phone", new_values."postcode", new_values."region", new_values."ships_to_home", new_values."street" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='7672bd205c9ad11cd3ffd077385c7fdd86c8be88', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_76008', referencing='REFERENCING NEW TABLE AS new_values ', table='inventory_source', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='source',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_sourceevent" ("city", "code", "contact_name", "country", "description", "email", "id", "is_enabled", "is_pickup_location", "latitude", "longitude", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "postcode", "region", "ships_to_home", "street") SELECT new_values."city", new_values."code", new_values."contact_name", new_values."country", new_values."description", new_values."email", new_values."id", new_values."is_enabled", new_values."is_pickup_location", new_values."latitude", new_values."longitude", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."phone", new_values."postcode", new_values."region", new_values."ships_to_home", new_values."street" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='3d6749f111f2cf3d9d80f18d949cb0f7e581658c', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_b3941', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='inventory_source', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='source',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_sourceevent" ("city", "code", "contact_name", "country", "description", "email", "id", "is_enabled", "is_pickup_location", "latitude", "longitude", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "postcode", "region", "ships_to_home", "street") SELECT old_values."city", old_values."code", old_values."contact_name", old_values."country", old_values."description", old_values."email", old_values."id", old_values."is_enabled", old_values."is_pickup_location", old_values."latitude", old_values."longitude", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."phone", old_values."postcode", old_values."region", old_values."ships_to_home", old_values."street" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='4eaf0f58a2542cc07f9bd52b8f6cb780be3e5da1', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_b6105', referencing='REFERENCING OLD TABLE AS old_values ', table='inventory_source', when='AFTER')),
        ),
        migrations.AddField(
            model_name='sourceevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='sourceevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='inventory.source'),
        ),
        migrations.AddField(
            model_name='sourceitem',
            name='product',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='source_items', to='inventory.product', verbose_name='product'),
        ),
        migrations.AddField(
            model_name='sourceitem',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='inventory.source', verbose_name='source'),
        ),
        migrations.AddField(
            model_name='sourceitemevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='sourceitemevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='inventory.sourceitem'),
        ),
        migrations.AddField(
            model_name='sourceitemevent',
            name='product',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='inventory.product', verbose_name='product'),
        ),
        migrations.AddField(
            model_name='sourceitemevent',
            name='source',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='inventory.source', verbose_name='source'),
        ),
        migrations.AddField(
            model_name='saleschannel',
            name='stock',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sales_channels', to='inventory.stock', verbose_name='stock'),
        ),
        migrations.AddField(
            model_name='reservation',
            name='stock',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reservations', to='inventory.stock', verbose_name='stock'),
        ),
        migrations.AddField(
            model_name='stockbalance',
            name='product',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='balances', to='inventory.product', verbose_name='product'),
        ),
        migrations.AddField(
            model_name='stockbalance',
            name='stock',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='balances', to='inventory.stock', verbose_name='stock'),
        ),
        migrations.AddField(
            model_name='stockevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='stockevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='inventory.stock'),
        ),
        migrations.AddField(
            model_name='stocksource',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links', to='inventory.source', verbose_name='source'),
        ),
        migrations.AddField(
            model_name='stocksource',
            name='stock',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='inventory.stock', verbose_name='stock'),
        ),
        migrations.AddField(
            model_name='stock',
            name='sources',
            field=models.ManyToManyField(related_name='stocks', through='inventory.StockSource', to='inventory.source', verbose_name='sources'),
        ),
        migrations.AddField(
            model_name='stocksourceevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='stocksourceevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='inventory.stocksource'),
        ),
        migrations.AddField(
            model_name='stocksourceevent',
            name='source',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='inventory.source', verbose_name='source'),
        ),
        migrations.AddField(
            model_name='stocksourceevent',
            name='stock',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='inventory.stock', verbose_name='stock'),
        ),
        migrations.AddConstraint(
            model_name='bulkchange',
            constraint=models.CheckConstraint(condition=models.Q(('position__lte', models.F('chosen_count'))), name='bulk_change_position_within_chosen', violation_error_message='No more rows are done than were chosen.'),
        ),
        migrations.AddConstraint(
            model_name='importfile',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'WRITTEN'), ('written_at__isnull', False)), models.Q(models.Q(('state', 'WRITTEN'), _negated=True), ('written_at', None)), _connector='OR'), name='import_file_written_with_a_date', violation_error_message='A written file has the time it was written.'),
        ),
        migrations.AddConstraint(
            model_name='importstep',
            constraint=models.UniqueConstraint(fields=('file', 'line'), name='import_step_once_a_line', violation_error_message='A row of a file does one thing.'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='receipt_quantity_positive', violation_error_message='A receipt has more than 0 units.'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.CheckConstraint(condition=models.Q(('taken_back_quantity__gte', 0), ('taken_back_quantity__lte', models.F('quantity'))), name='receipt_taken_back_within_quantity', violation_error_message='No more units are taken back than were received.'),
        ),
        migrations.AddConstraint(
            model_name='receiptreversal',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='receipt_reversal_quantity_positive', violation_error_message='More than 0 units are taken back.'),
        ),
        migrations.AddConstraint(
            model_name='receiptreversal',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='receipt_reversal_has_a_reason', violation_error_message='Say why the receipt is taken back.'),
        ),
        migrations.AddIndex(
            model_name='lowstockdigest',
            index=models.Index(condition=models.Q(('state', 'QUEUED')), fields=['next_attempt_at', 'id'], name='lowstockdigest_due'),
        ),
        migrations.AddIndex(
            model_name='lowstockdigest',
            index=models.Index(condition=models.Q(('state', 'SENDING')), fields=['claimed_at'], name='lowstockdigest_sending'),
        ),
        migrations.AddConstraint(
            model_name='lowstockdigest',
            constraint=models.UniqueConstraint(fields=('day', 'source', 'recipient'), name='low_stock_digest_once_a_day', nulls_distinct=False, violation_error_message='This digest of the day is there already.'),
        ),
        migrations.AddConstraint(
            model_name='lowstockdigest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('state', 'SENT')), models.Q(models.Q(('state', 'SENT'), _negated=True), ('sent_at', None)), _connector='OR'), name='low_stock_digest_sent_with_a_time', violation_error_message='A digest that was sent has the time it was.'),
        ),
        migrations.AddIndex(
            model_name='futuresupply',
            index=models.Index(condition=models.Q(('state', 'OPEN')), fields=['product', 'source', 'expected_on'], name='future_supply_open'),
        ),
        migrations.AddConstraint(
            model_name='futuresupply',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='future_supply_quantity_positive', violation_error_message='Future supply is more than 0.'),
        ),
        migrations.AddConstraint(
            model_name='futuresupply',
            constraint=models.CheckConstraint(condition=models.Q(('received_quantity__gte', 0)), name='future_supply_received_not_negative', violation_error_message='The received quantity is never negative.'),
        ),
        migrations.AddConstraint(
            model_name='futuresupply',
            constraint=models.CheckConstraint(condition=models.Q(('allocated_quantity__gte', 0), ('allocated_quantity__lte', django.db.models.functions.comparison.Greatest(django.db.models.expressions.CombinedExpression(models.F('quantity'), '-', models.F('received_quantity')), 0))), name='future_supply_allocated_within_outstanding', violation_error_message='More is promised than is still to come.'),
        ),
        migrations.AddConstraint(
            model_name='futuresupply',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'OPEN'), ('allocated_quantity', 0), _connector='OR'), name='future_supply_promises_only_while_open', violation_error_message='Supply that is closed promises nothing.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='futuresupply',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_futuresupplyevent" ("expected_on", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_id", "quantity", "received_quantity", "reference", "source_id", "state") SELECT new_values."expected_on", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."product_id", new_values."quantity", new_values."received_quantity", new_values."reference", new_values."source_id", new_values."state" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='95ba3af8489aa62573fe98b8e9035cd3b8ba19d9', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_46122', referencing='REFERENCING NEW TABLE AS new_values ', table='inventory_futuresupply', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='futuresupply',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."expected_on" IS DISTINCT FROM (NEW."expected_on") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."product_id" IS DISTINCT FROM (NEW."product_id") OR OLD."quantity" IS DISTINCT FROM (NEW."quantity") OR OLD."received_quantity" IS DISTINCT FROM (NEW."received_quantity") OR OLD."reference" IS DISTINCT FROM (NEW."reference") OR OLD."source_id" IS DISTINCT FROM (NEW."source_id") OR OLD."state" IS DISTINCT FROM (NEW."state"))', func='INSERT INTO "inventory_futuresupplyevent" ("expected_on", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_id", "quantity", "received_quantity", "reference", "source_id", "state") VALUES (NEW."expected_on", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."product_id", NEW."quantity", NEW."received_quantity", NEW."reference", NEW."source_id", NEW."state"); RETURN NULL;', hash='45215c3e447521ea96c2ee41fff2c71ee7341428', operation='UPDATE', pgid='pgtrigger_update_update_b36f5', table='inventory_futuresupply', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='futuresupply',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_futuresupplyevent" ("expected_on", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_id", "quantity", "received_quantity", "reference", "source_id", "state") SELECT old_values."expected_on", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."product_id", old_values."quantity", old_values."received_quantity", old_values."reference", old_values."source_id", old_values."state" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='c64c9177128114d26e492adb797f439cb3c7e396', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_4bb51', referencing='REFERENCING OLD TABLE AS old_values ', table='inventory_futuresupply', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='sourceitem',
            index=models.Index(condition=models.Q(('backorders__isnull', False)), fields=['product'], name='source_item_own_backorders'),
        ),
        migrations.AddConstraint(
            model_name='sourceitem',
            constraint=models.UniqueConstraint(fields=('product', 'source'), name='source_item_once_per_source', violation_error_message='This source already holds this product.'),
        ),
        migrations.AddConstraint(
            model_name='sourceitem',
            constraint=models.CheckConstraint(condition=models.Q(('allocated__gte', 0), ('allocated__lte', models.F('quantity'))), name='source_item_allocated_within_quantity', violation_error_message='More is allocated than is on hand.'),
        ),
        migrations.AddConstraint(
            model_name='sourceitem',
            constraint=models.CheckConstraint(condition=models.Q(('safety_stock__gte', 0)), name='source_item_safety_stock_not_negative', violation_error_message='Safety stock is never negative.'),
        ),
        migrations.AddConstraint(
            model_name='sourceitem',
            constraint=models.CheckConstraint(condition=models.Q(('is_status_automatic', False), ('status', 'OUT_OF_STOCK'), _connector='OR'), name='source_item_automatic_status_is_out_of_stock', violation_error_message='The system only ever sets Out of Stock.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='sourceitem',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_sourceitemevent" ("backorders", "id", "is_status_automatic", "notify_quantity_below", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_id", "qty_uses_decimals", "quantity", "safety_stock", "source_id", "status") SELECT new_values."backorders", new_values."id", new_values."is_status_automatic", new_values."notify_quantity_below", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."product_id", new_values."qty_uses_decimals", new_values."quantity", new_values."safety_stock", new_values."source_id", new_values."status" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='a9ad09ac194ea81e2e1af62f34e1a2bdf2df480a', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_16295', referencing='REFERENCING NEW TABLE AS new_values ', table='inventory_sourceitem', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='sourceitem',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."backorders" IS DISTINCT FROM (NEW."backorders") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_status_automatic" IS DISTINCT FROM (NEW."is_status_automatic") OR OLD."notify_quantity_below" IS DISTINCT FROM (NEW."notify_quantity_below") OR OLD."product_id" IS DISTINCT FROM (NEW."product_id") OR OLD."qty_uses_decimals" IS DISTINCT FROM (NEW."qty_uses_decimals") OR OLD."quantity" IS DISTINCT FROM (NEW."quantity") OR OLD."safety_stock" IS DISTINCT FROM (NEW."safety_stock") OR OLD."source_id" IS DISTINCT FROM (NEW."source_id") OR OLD."status" IS DISTINCT FROM (NEW."status"))', func='INSERT INTO "inventory_sourceitemevent" ("backorders", "id", "is_status_automatic", "notify_quantity_below", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_id", "qty_uses_decimals", "quantity", "safety_stock", "source_id", "status") VALUES (NEW."backorders", NEW."id", NEW."is_status_automatic", NEW."notify_quantity_below", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."product_id", NEW."qty_uses_decimals", NEW."quantity", NEW."safety_stock", NEW."source_id", NEW."status"); RETURN NULL;', hash='1087d1808ed073b208f9893a21237744e91b49b6', operation='UPDATE', pgid='pgtrigger_update_update_5fbf0', table='inventory_sourceitem', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='sourceitem',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_sourceitemevent" ("backorders", "id", "is_status_automatic", "notify_quantity_below", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "product_id", "qty_uses_decimals", "quantity", "safety_stock", "source_id", "status") SELECT old_values."backorders", old_values."id", old_values."is_status_automatic", old_values."notify_quantity_below", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."product_id", old_values."qty_uses_decimals", old_values."quantity", old_values."safety_stock", old_values."source_id", old_values."status" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='df469b98b2aa182d7c6b39f94f7d4927c32bee79', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_a41c7', referencing='REFERENCING OLD TABLE AS old_values ', table='inventory_sourceitem', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='reservation',
            index=models.Index(fields=['product', 'stock', 'id'], name='reservation_by_product'),
        ),
        migrations.AddIndex(
            model_name='reservation',
            index=models.Index(fields=['order_number', 'id'], name='reservation_by_order'),
        ),
        migrations.AddConstraint(
            model_name='reservation',
            constraint=models.UniqueConstraint(condition=models.Q(('order_line_id__isnull', False)), fields=('order_line_id', 'event', 'sequence'), name='reservation_once_per_event', violation_error_message='This event is already in the ledger.'),
        ),
        migrations.AddConstraint(
            model_name='reservation',
            constraint=models.CheckConstraint(condition=models.Q(('quantity', 0), _negated=True), name='reservation_quantity_not_zero', violation_error_message='A reservation moves at least something.'),
        ),
        migrations.AddConstraint(
            model_name='reservation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('event', 'COMPENSATION'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='reservation_compensation_has_reason', violation_error_message='A manual compensation needs a reason.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reservation',
            trigger=pgtrigger.compiler.Trigger(name='entries_never_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='fc5fff3b9711257b2804374c76e82a8a74db21e0', operation='UPDATE', pgid='pgtrigger_entries_never_change_8e214', table='inventory_reservation', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='stockbalance',
            constraint=models.UniqueConstraint(fields=('product', 'stock'), name='stock_balance_once_per_product', violation_error_message='This stock already has a balance for this product.'),
        ),
        migrations.AddConstraint(
            model_name='stockbalance',
            constraint=models.CheckConstraint(condition=models.Q(('allocated__gte', 0)), name='stock_balance_allocated_not_negative', violation_error_message='Allocated units are never negative.'),
        ),
        migrations.AddConstraint(
            model_name='stocksource',
            constraint=models.UniqueConstraint(fields=('stock', 'source'), name='stock_source_linked_once', violation_error_message='This source is already linked to this stock.'),
        ),
        migrations.AddConstraint(
            model_name='stocksource',
            constraint=models.CheckConstraint(condition=models.Q(('priority__gte', 1)), name='stock_source_priority_from_one', violation_error_message='Priorities count from 1.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stocksource',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_stocksourceevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "source_id", "stock_id") SELECT new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."priority", new_values."source_id", new_values."stock_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='21f1fd96968390cfe12b84eb1cee6af140f187c5', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_d8edf', referencing='REFERENCING NEW TABLE AS new_values ', table='inventory_stocksource', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stocksource',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_stocksourceevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "source_id", "stock_id") SELECT new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."priority", new_values."source_id", new_values."stock_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='4aeafcd7910d90390f91e3e6bd49b52c18fe683b', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_c03e3', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='inventory_stocksource', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stocksource',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_stocksourceevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "priority", "source_id", "stock_id") SELECT old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."priority", old_values."source_id", old_values."stock_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='66971c9e8772d51be111f9747541cc2b3f37753c', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_6fd6d', referencing='REFERENCING OLD TABLE AS old_values ', table='inventory_stocksource', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stock',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_stockevent" ("code", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."code", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='04b0f96bd31427331aa3606c9e73dadf727ecf7b', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_88f5f', referencing='REFERENCING NEW TABLE AS new_values ', table='inventory_stock', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stock',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_stockevent" ("code", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."code", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='55a002ed0286fb6d292e7a135e5491070b3c09f3', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_3b7fc', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='inventory_stock', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stock',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "inventory_stockevent" ("code", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."code", old_values."id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='526373485188671fea66c2a866cc06ae42f5ce50', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_ce7fd', referencing='REFERENCING OLD TABLE AS old_values ', table='inventory_stock', when='AFTER')),
        ),
    ]
