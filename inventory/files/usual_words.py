"""The words that merchants write into a cell for a value, in our three languages. PURE.

They hold in every language of the page, because a file comes from another program. Words are
compared by :func:`folded`.
"""

from functools import lru_cache
from unicodedata import combining, normalize


@lru_cache(maxsize=4096)
def folded(cell: str) -> str:
    """Return a cell as its words are compared: without regard to case, accents and surplus space.

    French is often written without accents in capitals: DESACTIVE is désactivé.
    """
    letters = normalize("NFKD", " ".join(cell.replace("_", " ").split()))
    return "".join(letter for letter in letters if not combining(letter)).casefold()


def _words(*lists: str) -> frozenset[str]:
    """Return the words of lists that commas separate, as they are compared."""
    return frozenset(folded(word) for words in lists for word in words.split(", "))


YES = _words(
    "1, yes, y, true, on, enabled, enable, active",
    "ja, j, sant, på, aktivera, aktiverad, aktiverat, aktiv, aktivt",
    "oui, o, vrai, activer, activé, activée, actif",
)
NO = _words(
    "0, no, n, false, off, disabled, disable, inactive",
    "nej, falskt, av, inaktivera, inaktiverad, inaktiverat, inaktiv, inaktivt, avaktivera",
    "avaktiverad, avaktiverat",
    "non, faux, désactiver, désactivé, désactivée, inactif",
)
# What lets an option follow the configuration, in the option's own column.
USE_CONFIG = _words(
    "use config, use config setting, use config settings, use configuration, config, use default",
    "use default value, use system value, inherit",
    "använd konfiguration, använd konfigurationen, använd konfigurationsinställningar",
    "använd konfigurationsinställning, använd konfigurationsinställningarna, ärv, använd standard",
    "använd standardvärde, använd systemvärde, använd standardinställning, använd systemvärdet",
    "utiliser la configuration, utiliser la config, hériter",
    "utiliser le paramètre de configuration, utiliser les paramètres de configuration",
    "utiliser la valeur par défaut, utiliser la valeur système",
)
# What choices are called in Swedish and French; in English, by their labels.
OTHER_LABELS = {
    "NO_BACKORDERS": _words(
        "inga restorder, inga restordrar, inga restnoteringar, tillåt inte restorder",
        "tillåt inte restordrar, aucune commande en attente de réapprovisionnement",
        "pas de commande en attente de réapprovisionnement",
        "pas de commandes en attente de réapprovisionnement, aucun reliquat, pas de reliquat",
        "pas de reliquats, sans reliquat",
    ),
    "ALLOW_QTY_BELOW_0": _words(
        "tillåt antal under 0, tillåt kvantitet under 0, tillåt negativt saldo",
        "autoriser une quantité inférieure à 0, autoriser les quantités inférieures à 0",
        "autoriser une quantité négative, autoriser les quantités négatives",
    ),
    "ALLOW_QTY_BELOW_0_AND_NOTIFY_CUSTOMER": _words(
        "tillåt antal under 0 och meddela kunden, tillåt kvantitet under 0 och meddela kunden",
        "tillåt antal under 0 och informera kunden, tillåt kvantitet under 0 och informera kunden",
        "tillåt negativt saldo och meddela kunden",
        "autoriser une quantité inférieure à 0 et avertir le client",
        "autoriser une quantité inférieure à 0 et informer le client",
        "autoriser les quantités inférieures à 0 et avertir le client",
        "autoriser les quantités inférieures à 0 et informer le client",
    ),
    "IN_STOCK": _words("instock, i lager, finns i lager, en stock, disponible"),
    "OUT_OF_STOCK": _words(
        "outofstock, slut i lager, ej i lager, finns ej i lager, finns inte i lager, inte i lager",
        "slut, slutsåld, en rupture de stock, rupture de stock, en rupture, épuisé, indisponible",
    ),
    "SHIP_TO_HOME": _words("hemleverans, leverans, livraison, livraison à domicile"),
    "PICKUP": _words(
        "hämta i butik, hämtas i butik, hämtning i butik, hämtning, hämtas, upphämtning",
        "retrait en magasin, retrait en boutique, retrait",
    ),
    "SIMPLE": _words("simple product, enkel, enkel produkt, produit simple"),
    "VIRTUAL": _words("virtual product, virtuell, virtuell produkt, virtuel, produit virtuel"),
}
