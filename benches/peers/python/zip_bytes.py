"""Prints how many bytes a zip of the given files and folders has, as Lambda gets it: without caches and installers."""

import io
import sys
import zipfile
from pathlib import Path

UNWANTED = {"__pycache__", "pip", "setuptools", "uv", "pkg_resources", "_distutils_hack", "mjml", "bs4", "soupsieve", "jinja2"}

archive = io.BytesIO()
with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as into:
    for part in map(Path, sys.argv[1:]):
        for file in [part] if part.is_file() else sorted(part.rglob("*")):
            if file.is_file() and not UNWANTED & set(file.relative_to(part.parent).parts):
                into.write(file, file.relative_to(part.parent))
print(len(archive.getvalue()))
