"""The conversation: command, terminal and chat platforms over one dialogue and one desk."""
