"""How reports are drawn: HTML pages, charts, the table in the terminal. Nothing is judged here."""
