"""What somebody who holds the raw table can do with the masked one."""
