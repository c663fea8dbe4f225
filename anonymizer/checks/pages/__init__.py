"""How reports are drawn: HTML pages, charts and the terminal."""
