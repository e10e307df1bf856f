"""The scene: what a picture shows, whatever draws it."""
