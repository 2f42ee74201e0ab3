"""From a request to an installed sandbox: image, plan, steps, cache, bundle."""
