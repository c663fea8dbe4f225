"""A tag stands in the place of a value, and is found there again."""

import hashlib
import hmac
from dataclasses import dataclass, field

from anonymizer.masking.free_text.asked import TAG_DIGITS
from anonymizer.masking.free_text.recognition import Span
from anonymizer.masking.free_text.recognition.contacts.phones import canonical as canonical_phone


@dataclass(frozen=True)
class Tags:
    """A tag for each span: `<EMAIL>`, or a keyed one, `<EMAIL_3f2a9c01d4e5>`.

    Attributes:
        subkey: of keyed tags; None where there are none.
        region: of phone numbers without a country code.
    """

    subkey: str | None = field(default=None, repr=False)
    region: str = "US"

    def plain(self, span: Span) -> str:
        """The tag that says what stood there."""
        return f"<{span.pii_type.upper()}>"

    def keyed(self, span: Span) -> str:
        """The tag that is equal for all spellings of a value."""
        message = f"{span.pii_type}\0{self.value(span.pii_type, span.canonical)}".encode()
        digest = hmac.new(bytes.fromhex(self.subkey or ""), message, hashlib.sha256).hexdigest()
        return f"<{span.pii_type.upper()}_{digest[:TAG_DIGITS]}>"

    def value(self, pii_type: str, canonical: str) -> str:
        """What is equal for all spellings of a value."""
        return canonical_phone(canonical, self.region) if pii_type == "phone" else canonical
