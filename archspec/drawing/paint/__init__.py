"""Painting: a laid-out scene as a picture."""
