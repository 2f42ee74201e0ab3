"""The command line: words to requests, results to the screen."""
