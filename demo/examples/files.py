"""The examples' products, as files that a merchant imports."""

from datetime import date, timedelta

from core.operations import jobs
from demo.examples.scene import Scene
from inventory.files import background, imports
from inventory.files.file_formats import FORMATS
from inventory.models import ImportFile

Format = ImportFile.Format
LIMIT = 100_000
UPLOADED = timedelta(days=6)

PRODUCTS = """\
sku,name,product_type,price,product_online
DEMO-TENT,Tent for two,simple,189.00,1
DEMO-MAP,Trail map,simple,12.50,1
DEMO-STOVE,Camping stove,simple,64.00,1
DEMO-BOOTS,Hiking boots,simple,129.00,1
DEMO-LAMP,Head lamp,simple,38.00,1
DEMO-FLASK,Vacuum flask,simple,27.00,1
DEMO-ROPE,Climbing rope,simple,89.00,1
DEMO-PACK,Backpack 40 l,simple,99.00,1
DEMO-AXE,Camp axe,simple,45.00,1
DEMO-BOAT,Folding canoe,simple,780.00,1
DEMO-TOWEL,Travel towel,simple,18.50,1
DEMO-KAYAK,Touring kayak,simple,640.00,1
"""
# Sold before its release date, and sold only while there are units.
PREORDER = """\
sku,name,product_type,price,product_online,release_on,preorder_limit
DEMO-TARP,Ultralight tarp,simple,149.00,1,{release_on},50
"""
LAST_UNITS = """\
sku,name,product_type,price,product_online,allow_backorders,use_config_backorders
DEMO-LANTERN,Storm lantern,simple,54.00,1,0,0
"""
RELEASED = timedelta(days=45)
STOCK_SOURCES = """\
source_code,sku,status,quantity
london,DEMO-TENT,1,0
seattle,DEMO-MAP,1,0
seattle,DEMO-STOVE,1,12
seattle,DEMO-BOOTS,1,5
london,DEMO-LAMP,1,10
seattle,DEMO-FLASK,1,10
seattle,DEMO-ROPE,1,6
london,DEMO-ROPE,1,4
seattle,DEMO-PACK,1,8
seattle,DEMO-AXE,1,0
london,DEMO-BOAT,1,0
seattle,DEMO-TOWEL,1,40
seattle,DEMO-KAYAK,1,0
seattle,DEMO-TARP,1,0
seattle,DEMO-LANTERN,1,3
"""
# Days from today; what was due before today is overdue.
SUPPLY = (
    ("DEMO-TENT", "london", 20, 14, "PO-DEMO-1"),
    ("DEMO-MAP", "seattle", 30, 9, "PO-DEMO-2"),
    ("DEMO-AXE", "seattle", 25, -5, "PO-DEMO-3"),
    ("DEMO-KAYAK", "seattle", 15, 10, "PO-DEMO-4"),
)
FAULTY = """\
sku,name,product_type,price,product_online
DEMO-KNIFE,Pocket knife,simple,24.00,1
DEMO-MUG,Tin mug,simple,€8,1
DEMO-SAW,Folding saw,simple,31.00,perhaps
"""
FAULTY_NAME = "new-products.csv"


def import_catalogue(scene: Scene) -> None:
    """Import products, stock and supply, unless they were, as of some days ago."""
    supply = [
        f"{sku},{source},{quantity},{scene.today + timedelta(days=days)},{reference}"
        for sku, source, quantity, days, reference in SUPPLY
    ]
    supply_text = "\n".join(["sku,source_code,quantity,expected_on,reference", *supply, ""])
    preorder = PREORDER.format(release_on=scene.today + RELEASED)
    _import(scene, Format.PRODUCTS, "demo-products.csv", PRODUCTS)
    _import(scene, Format.PRODUCTS, "demo-preorder.csv", preorder)
    _import(scene, Format.PRODUCTS, "demo-last-units.csv", LAST_UNITS)
    _import(scene, Format.STOCK_SOURCES, "demo-stock.csv", STOCK_SOURCES)
    _import(scene, Format.FUTURE_SUPPLY, "demo-supply.csv", supply_text)


def show_faults_and_jobs(scene: Scene) -> None:
    """Check a file with faults, and have its writing fail as a job beside one that succeeds."""
    faulty = _checked(scene, Format.PRODUCTS, FAULTY_NAME, FAULTY)
    good = _checked(scene, Format.PRODUCTS, "demo-products-again.csv", PRODUCTS)
    for file in (good, faulty):
        if background.latest_job(file.pk) is None:
            job = jobs.submit(
                scene.act("merchant"),
                kind=background.WRITE,
                parameters={
                    "import_file": file.pk,
                    "today": scene.today.isoformat(),
                    "good_rows": False,
                },
                total=file.row_count,
            )
            jobs.run(job_id=job.pk, now=scene.now)


def is_shown() -> bool:
    """Whether the last of the examples is there."""
    file = ImportFile.objects.filter(name=FAULTY_NAME).order_by("pk").first()
    return file is not None and background.latest_job(file.pk) is not None


def _import(scene: Scene, format_code: Format, name: str, text: str) -> None:
    file = _checked(scene, format_code, name, text)
    background.confirm(file.pk, scene.act("merchant", before=UPLOADED), today=_day(scene))


def _checked(scene: Scene, format_code: Format, name: str, text: str) -> ImportFile:
    found = ImportFile.objects.filter(format=format_code, name=name).order_by("pk").first()
    if found is not None and found.findings:
        return found
    act = scene.act("merchant", before=UPLOADED)
    behavior = next(iter(FORMATS[format_code].behaviors))
    file = imports.receive(
        text.encode(), act, name=name, format_code=format_code, behavior=behavior, limit=LIMIT
    )
    return background.begin_check(file.pk, act, today=_day(scene))


def _day(scene: Scene) -> date:
    return scene.today - UPLOADED
