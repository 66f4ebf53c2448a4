"""The words that merchants write into a cell for a value, in English, Swedish and French. PURE.

They hold in every language of the page, because a file comes from another program. Words are
compared by :func:`folded`.
"""

from functools import lru_cache
from unicodedata import normalize

YES = frozenset(
    {
        *("1", "yes", "y", "true", "on", "enabled", "enable", "active"),
        *("ja", "j", "sant", "på", "aktiverad", "aktiverat", "aktiv"),
        *("oui", "o", "vrai", "activé", "activée", "actif"),
    }
)
NO = frozenset(
    {
        *("0", "no", "n", "false", "off", "disabled", "disable", "inactive"),
        *("nej", "falskt", "av", "inaktiverad", "inaktiverat", "avaktiverad", "inaktiv"),
        *("non", "faux", "désactivé", "désactivée", "inactif"),
    }
)
# What lets an option follow the configuration, in the option's own column.
USE_CONFIG = frozenset(
    {
        *("use config", "use config setting", "use config settings", "use configuration"),
        *("config", "use default", "use default value", "use system value", "inherit"),
        *("använd konfiguration", "använd konfigurationen", "använd konfigurationsinställningar"),
        *("använd standard", "använd standardvärde", "använd systemvärde"),
        *("utiliser la configuration", "utiliser la config"),
        *("utiliser les paramètres de configuration", "utiliser la valeur par défaut"),
        *("utiliser la valeur système",),
    }
)
# What choices are called in Swedish and French; in English, by their labels.
OTHER_LABELS = {
    "NO_BACKORDERS": (
        "inga restorder",
        "inga restordrar",
        "pas de commandes en attente de réapprovisionnement",
        "pas de reliquat",
        "pas de reliquats",
    ),
    "ALLOW_QTY_BELOW_0": (
        "tillåt antal under 0",
        "tillåt kvantitet under 0",
        "autoriser une quantité inférieure à 0",
        "autoriser les quantités inférieures à 0",
    ),
    "ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER": (
        "tillåt antal under 0 och meddela kunden",
        "tillåt kvantitet under 0 och meddela kunden",
        "autoriser une quantité inférieure à 0 et informer le client",
        "autoriser les quantités inférieures à 0 et informer le client",
    ),
    "IN_STOCK": ("instock", "i lager", "finns i lager", "en stock"),
    "OUT_OF_STOCK": (
        "outofstock",
        "slut i lager",
        "ej i lager",
        "slut",
        "en rupture de stock",
        "rupture de stock",
        "épuisé",
    ),
    "SHIP_TO_HOME": ("leverans", "hemleverans", "livraison", "livraison à domicile"),
    "PICKUP": ("hämtning", "hämtas", "retrait", "retrait en magasin"),
    "SIMPLE": ("simple product", "enkel", "enkel produkt", "produit simple"),
    "VIRTUAL": ("virtual product", "virtuell", "virtuell produkt", "virtuel", "produit virtuel"),
}


@lru_cache(maxsize=4096)
def folded(cell: str) -> str:
    """Return a cell as its words are compared: without regard to case and surplus space."""
    return normalize("NFC", " ".join(cell.replace("_", " ").split())).casefold()
