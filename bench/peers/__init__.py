"""What people would use instead of Dateline, measured beside it: see README.md in this folder for the choices."""
