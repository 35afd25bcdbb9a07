"""The nudge: what the templates see, and the three parts of the mail. MJML is compiled when the function is built."""

import os
from pathlib import Path
from types import SimpleNamespace

from fluent.runtime import FluentBundle, FluentResource
from jinja2 import DictLoader, Environment, StrictUndefined

SOURCES = Path(os.environ["PEER_TEMPLATES"])


def speech():
    """The function `t` of the templates, which says a message in English."""
    bundle = FluentBundle(["en"], use_isolating=False)
    bundle.add_resource(FluentResource((SOURCES.parent / "messages/en.ftl").read_text()))

    def say(message, /, **values):
        said, errors = bundle.format_pattern(bundle.get_message(message).value, values)
        if errors:
            raise errors[0]
        return said

    return say


def environment(html):
    texts = {str(file.relative_to(SOURCES)): file.read_text() for file in SOURCES.glob("*/*.txt")}
    loader = DictLoader({**texts, "nudge/body.html": html})
    templates = Environment(loader=loader, undefined=StrictUndefined, autoescape=lambda name: name.endswith(".html"))
    templates.globals.update(t=SPEECH, lang="en", dir="ltr", start="left", end="right")
    return templates


def money(cents):
    return f"${cents / 100:,.2f}"


def one_line(value, limit):
    return " ".join(value.split())[:limit]


def item(line):
    quantity, price, regular = line["quantity"], line["price_cents"], line.get("compare_at_cents") or 0
    return {
        "title": one_line(line["title"], 70),
        "variant": one_line(line["variant"] or "", 50) or None,
        "initial": line["title"][:1].upper(),
        "image_url": line["image_url"],
        "quantity": quantity,
        "each": money(price) if quantity > 1 else None,
        "price": money(price * quantity),
        "regular_price": money(regular * quantity) if regular > price else None,
        "stock": None,
    }


def view(mail):
    lines = mail["lines"]
    return {
        "brand": mail["brand"],
        # No dictionary: `cart.items` would be its method.
        "cart": SimpleNamespace(
            items=[item(line) for line in lines[:30]],
            n_more=max(0, len(lines) - 30),
            total=money(mail["total_cents"]),
            savings=None,
        ),
        "first_name": mail["first_name"],
        "restore_url": mail["restore_url"],
        "unsubscribe_url": mail["unsubscribe_url"],
        "preferences_url": mail["preferences_url"],
        "reason": "other",
        "person": "other",
        "answers": mail["answers"],
    }


SPEECH = speech()
ANSWERS = ["shipping-cost", "payment", "deciding", "elsewhere", "looking"]


class Nudge:
    """Compiled once, from MJML that was compiled before."""

    def __init__(self, html):
        templates = environment(html)
        self.subject = templates.get_template("nudge/subject.txt")
        self.html = templates.get_template("nudge/body.html")
        self.text = templates.get_template("nudge/body.txt")

    def render(self, mail):
        shown = view(mail)
        subject = one_line(self.subject.render(shown), 150)
        return {"subject": subject, "html": self.html.render(shown), "text": self.text.render(shown)}
