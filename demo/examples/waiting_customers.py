"""The examples' customers: asked about a delay, waiting for a release date, or for more units."""

from datetime import timedelta

from django.conf import settings

from core.acts import Act
from demo.examples.scene import ASKING_CHANNEL, Scene, place, promise_supply, send_emails
from fulfillment.delays.terms import DelayAnswer
from fulfillment.models import DelayDecision, DelayRequest
from fulfillment.operations.delays.answers import answer
from fulfillment.operations.delays.late_units import DelayRules
from fulfillment.operations.delays.requests import ask_about_order
from inventory.models import BackInStockRequest, FutureSupply, Product
from inventory.operations import back_in_stock
from inventory.operations.back_in_stock import NewBackInStockRequest
from inventory.operations.future_supply import NewSupply, change_supply
from orders.placing.request import Address, Customer

GRACE = Customer("Grace Miller", "grace.miller@example.com")
PORTLAND = Address(
    recipient="Grace Miller", street="72 Alder Street", city="Portland", region="OR",
    postcode="97205", country="US",
)  # fmt: skip
ELIN = Customer("Elin Sjöberg", "elin.sjoberg@example.com", "sv")
MALMO = Address(
    recipient="Elin Sjöberg", street="Storgatan 8", city="Malmö", postcode="211 42", country="SE"
)
CAMILLE = Customer("Camille Laurent", "camille.laurent@example.com", "fr")
LYON = Address(
    recipient="Camille Laurent", street="12 rue de la République", city="Lyon", postcode="69002",
    country="FR",
)  # fmt: skip

# Before now: two customers order, their units are promised, the supply comes later than that,
# they are asked, and one answers.
ORDERED = timedelta(days=5)
PROMISED = ORDERED - timedelta(minutes=2)
MOVED = timedelta(days=2)
ASKED = timedelta(hours=20)
ANSWERED = timedelta(hours=9)
# An e-mail is collected by then, whatever the site has.
WRITTEN = timedelta(hours=1)
LATER = timedelta(days=24)
# Where customers are, for a site that does not know its address.
SITE = "http://localhost:8000"


def show_delays(scene: Scene) -> None:
    """Ask two customers whether they wait for late units: one agrees, one has not answered yet."""
    kayak = "DEMO-KAYAK"
    waiting, agreed = (
        place(
            scene,
            number,
            {kayak: 1},
            before=ORDERED,
            customer=GRACE,
            address=PORTLAND,
            channel=ASKING_CHANNEL,
        )
        for number in ("DEMO-DELAY", "DEMO-AGREED")
    )
    promise_supply(scene, [waiting, agreed], before=PROMISED)
    send_emails(scene.now - PROMISED + WRITTEN)
    supply = FutureSupply.objects.get(product__sku=kayak)
    later = NewSupply(supply.quantity, scene.today + LATER)
    heard = scene.act("merchant", before=MOVED)
    change_supply(supply.pk, later, heard, today=scene.today - MOVED)
    for order in (waiting, agreed):
        ask_about_order(order.pk, DelayRules.in_force(), now=scene.now - ASKED)
    send_emails(scene.now - ASKED + WRITTEN)
    request = DelayRequest.objects.get(order=agreed)
    answer(
        agreed.pk,
        {request.pk: request.new_on},
        DelayAnswer.WAIT_UNTIL,
        Act(scene.now - ANSWERED),
        by=DelayDecision.By.CUSTOMER,
        today=(scene.now - ANSWERED).astimezone(scene.zone).date(),
    )


def show_preorder(scene: Scene) -> None:
    place(
        scene,
        "DEMO-PREORDER",
        {"DEMO-TARP": 2},
        before=timedelta(days=3),
        customer=ELIN,
        address=MALMO,
    )


def show_back_in_stock(scene: Scene) -> None:
    """Sell the last units to a customer, who asks for more; so does another, not confirmed yet."""
    units = {"DEMO-LANTERN": 3}
    order = place(
        scene, "DEMO-LAST", units, before=timedelta(days=1), customer=CAMILLE, address=LYON
    )
    product = Product.objects.get(sku="DEMO-LANTERN")
    for customer in (CAMILLE, ELIN):
        new = NewBackInStockRequest(
            product_id=product.pk,
            channel_id=order.channel_id,
            email=customer.email,
            language=customer.language,
            site=settings.SITE_URL or SITE,
        )
        back_in_stock.ask(new, now=scene.now)
    own = BackInStockRequest.objects.of_address(CAMILLE.email)
    for pk in own.filter(product=product).values_list("pk", flat=True):
        back_in_stock.confirm(pk, now=scene.now)
