"""How somebody is reached: e-mail, URL and IP addresses (`online.py`), phone numbers (`phones.py`)."""
