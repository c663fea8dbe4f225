"""A PostgreSQL database as a store: COPY both ways."""
