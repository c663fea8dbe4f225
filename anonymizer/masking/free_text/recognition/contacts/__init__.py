"""How somebody is reached: e-mail, URL, IP (`online.py`) and phone numbers (`phones.py`)."""
