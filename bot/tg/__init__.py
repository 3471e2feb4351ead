"""Telegram: the only part of the bot that has heard of it."""
