"""Turns receipts and outcomes into a champion."""
