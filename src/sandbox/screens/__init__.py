"""What a display shows: a page for a browser, served by this process, and pictures of it."""
