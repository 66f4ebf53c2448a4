"""Add the usual carriers with their public tracking links."""

from django.db import migrations

CARRIERS = (
    ("bring", "Bring", "https://tracking.bring.com/tracking/{number}"),
    ("budbee", "Budbee", "https://tracking.budbee.com/{number}"),
    (
        "chronopost",
        "Chronopost",
        "https://www.chronopost.fr/tracking-no-cms/suivi-page?listeNumerosLT={number}",
    ),
    ("colissimo", "Colissimo", "https://www.laposte.fr/outils/suivre-vos-envois?code={number}"),
    (
        "correos",
        "Correos",
        "https://www.correos.es/es/es/herramientas/localizador/envios/detalle"
        "?tracking-number={number}",
    ),
    ("dhl", "DHL", "https://www.dhl.com/global-en/home/tracking.html?tracking-id={number}"),
    ("dpd", "DPD", "https://tracking.dpd.de/status/en_US/parcel/{number}"),
    ("fedex", "FedEx", "https://www.fedex.com/fedextrack/?trknbr={number}"),
    ("gls", "GLS", "https://gls-group.eu/EU/en/parcel-tracking?match={number}"),
    ("instabox", "Instabox", "https://track.instabox.io/{number}"),
    ("postnord", "PostNord", "https://tracking.postnord.com/en/tracking?id={number}"),
    (
        "royal-mail",
        "Royal Mail",
        "https://www.royalmail.com/track-your-item#/tracking-results/{number}",
    ),
    ("ups", "UPS", "https://www.ups.com/track?tracknum={number}"),
    ("usps", "USPS", "https://tools.usps.com/go/TrackConfirmAction?tLabels={number}"),
)


def add_carriers(apps, schema_editor):
    carriers = apps.get_model("fulfillment", "Carrier").objects
    for code, name, tracking_url in CARRIERS:
        carriers.create(code=code, name=name, tracking_url=tracking_url)
    # The history begins with what the product came with.
    apps.get_model("fulfillment", "CarrierEvent").objects.update(pgh_label="start")


def remove_carriers(apps, schema_editor):
    codes = [code for code, _name, _tracking_url in CARRIERS]
    apps.get_model("fulfillment", "Carrier").objects.filter(code__in=codes).delete()


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0003_schedules")]

    operations = [migrations.RunPython(add_carriers, remove_carriers)]
