"""Tables of a PostgreSQL database: COPY both ways."""
