"""The command line: arguments to requests, results to the screen."""
