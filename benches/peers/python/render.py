"""Renders the same mail `n` times: with all compiled once, or with MJML compiled for each."""

import os
from pathlib import Path

from build import html
from mail import Nudge
from runtime import run

BUILT = Path(os.environ["PEER_BUILT"])
MJML = (BUILT / "nudge.mjml").read_text()
NUDGE = Nudge((BUILT / "nudge.html").read_text())


def handle(event):
    for _ in range(event["n"]):
        nudge = Nudge(html(MJML)) if event["anew"] else NUDGE
        rendered = nudge.render(event["mail"])
    return rendered


run(handle)
