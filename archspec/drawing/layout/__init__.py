"""Layouts: where everything in a scene is."""
