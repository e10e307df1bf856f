"""Drawing: a graph becomes a scene, a layout places it, and a writer writes the picture."""
