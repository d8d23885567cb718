"""Ready-made surfaces for controllers, written from the table, one file per program."""
