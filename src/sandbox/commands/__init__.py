"""The verbs of `sandbox --help`, one file each: values in, a result out."""
