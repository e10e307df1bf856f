"""Writers: a picture or a scene as bytes of a format."""
