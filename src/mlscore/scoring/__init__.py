"""The heart: from the facts of a deal to scores, reasons and a decision, purely."""
