#!/usr/bin/env python3
"""Writes common_passwords.txt from the list of Django's CommonPasswordValidator.

Source:  Django 5.1.4 (https://pypi.org/project/Django/5.1.4/), django/contrib/auth/common-passwords.txt.gz,
         20,000 passwords, created by Royce Williams.
Licence: BSD 3-Clause; commands/src/account/passwords/common_passwords.LICENSE has the notice.
Date:    the list of 2026-11 was made with this version; docs/security/authentication.md has the requirement.

    pip download django==5.1.4 --no-deps && unzip -d django django-*.whl
    commands/data/make.py django/django/contrib/auth/common-passwords.txt.gz

`--check` writes nothing and fails if the stored list differs.

One password a line, in lower case, each once, in the order of bytes: the program searches it by halves.
"""

import gzip
import re
import sys
from pathlib import Path

TARGET = Path(__file__).parent / "common_passwords.txt"


def decoded(password):
    """`$HEX[...]` is how the source writes bytes; None if they are no text."""
    written = re.fullmatch(r"\$hex\[([0-9a-f]*)\]", password.lower())
    if not written:
        return password
    try:
        return bytes.fromhex(written[1]).decode("utf-8")
    except UnicodeDecodeError:
        return None


def passwords(text):
    found = (decoded(line.strip()) for line in text.splitlines())
    found = {password.strip().lower() for password in found if password}
    return sorted(found - {""}, key=lambda password: password.encode("utf-8"))


def main(source, check):
    text = gzip.decompress(Path(source).read_bytes()).decode("utf-8")
    made = "".join(password + "\n" for password in passwords(text))
    if not check:
        TARGET.write_text(made, encoding="utf-8")
    elif TARGET.read_text(encoding="utf-8") != made:
        sys.exit("common_passwords.txt differs from what the source gives")


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--check"]
    if len(arguments) != 1:
        sys.exit("usage: make.py [--check] COMMON_PASSWORDS_TXT_GZ")
    main(arguments[0], "--check" in sys.argv)
