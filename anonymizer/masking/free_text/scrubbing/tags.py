"""What stands in the place of a value."""

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final

from anonymizer.masking.free_text.recognition import Span
from anonymizer.masking.free_text.recognition.contacts.phones import canonical as canonical_phone
from anonymizer.masking.free_text.scrubbing.search import OWN_PLACE

TAG_DIGITS: Final = 12  # 48 bits


@dataclass(frozen=True)
class Tags:
    """A tag for each span: `<EMAIL>`, keyed `<EMAIL_3f2a9c01d4e5>`; its token where it has one.

    Attributes:
        subkey: of keyed tags; None for plain ones.
        region: of phone numbers without a country code.
    """

    subkey: str | None = field(default=None, repr=False)
    region: str = "US"

    def of(self, span: Span) -> str:
        """What replaces a span; equal for all spellings of a value."""
        if span.pii_type == OWN_PLACE:
            return span.canonical
        if self.subkey is None:
            return f"<{span.pii_type.upper()}>"
        value = span.canonical
        if span.pii_type == "phone":
            value = canonical_phone(value, self.region)
        message = f"{span.pii_type}\0{value}".encode()
        digest = hmac.new(bytes.fromhex(self.subkey), message, hashlib.sha256).hexdigest()
        return f"<{span.pii_type.upper()}_{digest[:TAG_DIGITS]}>"
