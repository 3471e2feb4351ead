"""What each command of `dateline` does; imported when the command is called, so that `--help` answers at once."""
