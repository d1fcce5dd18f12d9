"""Items as a portal has them, fetched with what belongs to them and read as deals."""
