"""A simulated firm: its CRM export for training, its true chances kept apart."""

from training.simulate.simulation import Simulated, simulate

__all__ = ["Simulated", "simulate"]
