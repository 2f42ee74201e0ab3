"""Alpine's apk."""
