"""Pictures that are no graphs: feature maps, columns side by side, tables."""
