"""Check digits that masks and recognition share."""


def luhn_digit(digits: str) -> str:
    """The check digit that belongs behind some digits (ISO/IEC 7812-1)."""
    doubled = [int(digit) * (2 - position % 2) for position, digit in enumerate(digits[::-1])]
    return str(-sum(number // 10 + number % 10 for number in doubled) % 10)


def luhn_valid(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it."""
    return len(digits) > 1 and luhn_digit(digits[:-1]) == digits[-1]
