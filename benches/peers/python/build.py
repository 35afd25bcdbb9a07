"""Compiles the MJML of the nudge, once: python build.py TEMPLATES OUT."""

import re
import sys
from pathlib import Path

from mjml import mjml_to_html


def source(templates, name):
    text = (templates / name).read_text()
    return re.sub(r'<mj-include path="([^"]+)" />', lambda found: source(templates, found[1]), text)


def html(mjml):
    compiled = mjml_to_html(mjml).html
    return "\n".join(line.strip() for line in compiled.splitlines() if line.strip())


if __name__ == "__main__":
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    mjml = source(folder, "nudge/body.mjml")
    (out / "nudge.mjml").write_text(mjml)
    (out / "nudge.html").write_text(html(mjml))
