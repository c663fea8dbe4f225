"""Addresses by their form in about 25 languages.

words.py       words for streets, flats, boxes and towns, by language
streets.py     lines with a street and a number
growing.py     what belongs to an address beside its street
east_asian.py  Chinese, Japanese and Korean addresses
finding.py     all of them in a text, with what they say together
towns.py       places where somebody lives or comes from
"""

from anonymizer.masking.free_text.recognition.addresses.finding import addresses, may_hold_addresses
from anonymizer.masking.free_text.recognition.addresses.towns import (
    may_hold_towns,
    towns,
)

__all__ = ["addresses", "may_hold_addresses", "may_hold_towns", "towns"]
