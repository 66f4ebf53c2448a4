"""What a browser calls itself, in the words of people. PURE."""

# In this order: most call themselves by the names of others, too.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def browser_of(user_agent: str) -> str:
    """Return the name of the browser; "" if it is not known."""
    return next((name for sign, name in BROWSERS if sign in user_agent), "")


def system_of(user_agent: str) -> str:
    """Return the name of the device's system; "" if it is not known."""
    return next((name for sign, name in SYSTEMS if sign in user_agent), "")
